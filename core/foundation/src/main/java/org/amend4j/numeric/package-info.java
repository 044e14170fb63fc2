/** Arithmetic whose errors are known: sums, norms, factorisations. */
@NullMarked
package org.amend4j.numeric;

import org.jspecify.annotations.NullMarked;
