/** Arithmetic with known errors: sums, norms, directed rounding, linear systems, symmetric eigenvalues. */
@NullMarked
package org.amend4j.numeric;

import org.jspecify.annotations.NullMarked;
