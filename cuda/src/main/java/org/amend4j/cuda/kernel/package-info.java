/**
 * The kernels that a plan is made of, as Java calls: shapes are checked here, grids are chosen here. What each computes is in
 * docs/cuda.md. None of them depends on the order of threads, so equal inputs give equal bytes.
 */
@NullMarked
package org.amend4j.cuda.kernel;

import org.jspecify.annotations.NullMarked;
