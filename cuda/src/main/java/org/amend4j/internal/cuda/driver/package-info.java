/**
 * Real cards, and the only package that uses the CUDA libraries. {@link org.amend4j.internal.cuda.driver.CudaDevice} and {@link
 * org.amend4j.internal.cuda.driver.GpuProbe} may be used where there are none; {@link org.amend4j.internal.cuda.driver.CompiledKernels} launches
 * kernels in a CUDA context created elsewhere.
 */
@NullMarked
package org.amend4j.internal.cuda.driver;

import org.jspecify.annotations.NullMarked;
