/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.function.Supplier;
import org.amend4j.internal.backend.Recording;

/**
 * Both passes of {@link Variant#ERRORS} over so many examples at fixed places, to be repeated. Passes of one session use the same
 * memory: only the one made forward last can be made backward, and only its outputs are there.
 */
public final class RecordedPasses implements AutoCloseable {

    private final Recording forward;
    private final Recording backward;
    private final Supplier<List<double[]>> outputs;

    RecordedPasses(Recording forward, Recording backward, Supplier<List<double[]>> outputs) {
        this.forward = forward;
        this.backward = backward;
        this.outputs = outputs;
    }

    /** Computes the outputs of what is in the places of inputs, with the session's parameters. */
    public void forward() {
        forward.replay();
    }

    /** Of each output the numbers of all examples. */
    public List<double[]> outputs() {
        return outputs.get();
    }

    /** Makes {@link PlanSession#gradient} of the errors in the places of labels: Σ over examples of Jᵀ·error. */
    public void backward() {
        backward.replay();
    }

    @Override
    public void close() {
        forward.close();
        backward.close();
    }
}
