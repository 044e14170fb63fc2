/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.List;
import org.amend4j.lora.AdapterReport.Status;

/**
 * A layer or another vertex, and what would become of it.
 *
 * @param name of the vertex
 * @param type Deeplearning4j's, without what is wrapped around it
 * @param inputs vertices or inputs of the network that it reads
 * @param status how it would take part in training
 * @param parameters in the base
 * @param trained parameters, of its adapters or its own
 * @param adapters in its order
 * @param note why it has none, or what could have one; empty if there is nothing to say
 */
public record ExplainedVertex(
        String name,
        String type,
        List<String> inputs,
        Status status,
        long parameters,
        long trained,
        List<ExplainedAdapter> adapters,
        String note) {

    /** Copies the lists. */
    public ExplainedVertex {
        inputs = List.copyOf(inputs);
        adapters = List.copyOf(adapters);
    }

    /** What the status means, in words. */
    public String words() {
        return words(status);
    }

    static String words(Status status) {
        return switch (status) {
            case ADAPTED -> "adapted";
            case BIASES -> "its biases train";
            case TOKENS -> "some of its tokens train";
            case TRAINED_IN_FULL -> "trained in full";
            case FROZEN -> "frozen, gradients pass through";
            case PREFIX -> "frozen, below everything that trains";
        };
    }
}
