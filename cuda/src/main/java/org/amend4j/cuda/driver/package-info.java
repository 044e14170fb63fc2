/**
 * Real cards, and the only package that uses the CUDA libraries. {@link org.amend4j.cuda.driver.CudaDevice} and {@link
 * org.amend4j.cuda.driver.GpuProbe} may be used where there are none; {@link org.amend4j.cuda.driver.CompiledKernels} launches
 * kernels in a CUDA context created elsewhere.
 */
@NullMarked
package org.amend4j.cuda.driver;

import org.jspecify.annotations.NullMarked;
