/** Data of subjects who may ask to be forgotten, for the unlearning examples. */
@NullMarked
package org.amend4j.app.forget;

import org.jspecify.annotations.NullMarked;
