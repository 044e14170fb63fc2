/** Where jobs and devices meet. */
@NullMarked
package org.amend4j.app.compute;

import org.jspecify.annotations.NullMarked;
