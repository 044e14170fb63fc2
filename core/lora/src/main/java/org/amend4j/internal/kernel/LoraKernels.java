/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Parts of an adapted layer, each in one pass over memory where ND4J needs several. Providers are found by {@link
 * java.util.ServiceLoader}; they need a public constructor without arguments that touches no native library. All methods are
 * thread-safe.
 */
public interface LoraKernels {

    /** Why this provider does not work here, in one sentence; empty if it does. Asked once, before anything else. */
    Optional<String> unavailable();

    /** Whether {@link #add} can do this one: types, order of the memory, sizes. Says nothing about the values, reads none. */
    boolean takes(AdapterSum sum);

    /**
     * Computes y, in place. The result is there for whatever ND4J does next on this thread.
     *
     * @param sum one that {@link #takes} has said yes to
     */
    void add(AdapterSum sum);

    /**
     * Computes {@code gradient} = {@code upstream} where {@code 0 < activations < most}, times 0 elsewhere: the
     * gradient of min(max(z, 0), most) from its values.
     *
     * @param most infinity for the plain rectifier
     * @param gradient of the others' shape, overwritten; shares no memory with them
     * @return whether it was done; if not, nothing was touched
     */
    boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient);

    /** The provider that works here, if any. Looked up once; why the others do not is logged. */
    static Optional<LoraKernels> available() {
        return FoundKernels.KERNELS;
    }
}
