/** Arithmetic whose errors are known: sums, norms, directed rounding, linear systems, symmetric eigenvalues. */
@NullMarked
package org.amend4j.numeric;

import org.jspecify.annotations.NullMarked;
