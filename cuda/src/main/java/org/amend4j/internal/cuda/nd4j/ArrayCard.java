/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.util.function.ToLongFunction;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A device that holds ND4J's arrays and runs the kernels of adapter.cu on them. */
interface ArrayCard {

    /** Whether the kernels run for this thread. */
    boolean isReady();

    /**
     * Starts a kernel, in order with what ND4J does on this thread.
     *
     * @param written what it writes
     * @param read what it reads; {@code written} too if it adds to that
     */
    void launch(String kernel, LaunchShape threads, ArgumentsAt arguments, INDArray written, INDArray... read);

    /** A kernel's arguments, 64 bits each, given the addresses of the arrays' first elements. */
    @FunctionalInterface
    interface ArgumentsAt {
        long[] of(ToLongFunction<INDArray> address);
    }
}
