/** Computing on NVIDIA GPUs: devices, kernels, and a device on the CPU that tests them. See docs/cuda.md. */
@NullMarked
package org.amend4j.cuda;

import org.jspecify.annotations.NullMarked;
