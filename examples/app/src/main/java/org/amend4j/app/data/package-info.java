/** Labelled data from files (IDX, CSV, folders of pictures) in the shape a network takes. */
@NullMarked
package org.amend4j.app.data;

import org.jspecify.annotations.NullMarked;
