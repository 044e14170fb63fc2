/** Checks of numbers, for every package of the library. */
@NullMarked
package org.amend4j.validation;

import org.jspecify.annotations.NullMarked;
