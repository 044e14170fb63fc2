/** Checks of numbers, for every package of the library. */
@NullMarked
package org.amend4j.internal.validation;

import org.jspecify.annotations.NullMarked;
