/**
 * The kernels that a plan is made of, as Java calls: shapes are checked here, grids are chosen here. docs/cuda.md has their
 * formulas. No result depends on the order of threads, so equal inputs give equal bytes.
 */
@NullMarked
package org.amend4j.internal.cuda.kernel;

import org.jspecify.annotations.NullMarked;
