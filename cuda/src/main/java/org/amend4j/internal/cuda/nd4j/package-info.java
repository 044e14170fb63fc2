/**
 * Our kernels on ND4J's own arrays, for where ND4J computes on a card: {@link org.amend4j.internal.cuda.nd4j.Nd4jCudaLoraKernels}.
 *
 * <p>ND4J's CUDA backend is compiled against, not reached by method handles: its Java classes are a jar of 0.4 MB, whose
 * dependencies (0.6 GB of machine code, CUDA 11.6) are left out, and the compiler then checks every call. They are absent
 * wherever ND4J computes on the CPU, so they appear in {@link org.amend4j.internal.cuda.nd4j.Nd4jCard} only, which is not loaded before
 * the backend was seen to be that one. This package, and what it uses of package driver, runs with CUDA 11.6; {@code LinkTest}
 * links all of this module against it.
 */
@NullMarked
package org.amend4j.internal.cuda.nd4j;

import org.jspecify.annotations.NullMarked;
