/** Checks of numbers, for every package of the library. */
@NullMarked
package org.amend4j.check;

import org.jspecify.annotations.NullMarked;
