/**
 * Real cards. {@link org.amend4j.cuda.driver.CudaDevice} and {@link org.amend4j.cuda.driver.GpuProbe} are the only classes that
 * see the CUDA libraries; both may be used where there are none.
 */
@NullMarked
package org.amend4j.cuda.driver;

import org.jspecify.annotations.NullMarked;
