/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.network.Values.Slice;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** A listener of a graph that makes two parts of its parameter vector train as one. */
public interface TiesParameters {

    /** How many of a graph's parameters are copies of others. */
    static long copied(ComputationGraph graph) {
        return graph.getListeners().stream()
                .filter(TiesParameters.class::isInstance)
                .mapToLong(tying -> ((TiesParameters) tying).tie(graph).copy().length())
                .sum();
    }

    /** The layer of what trains. */
    String original();

    /** The layer of its copy. */
    String copy();

    /** Which parts of a graph's vector. */
    Tie tie(ComputationGraph graph);

    /**
     * Parameters and their copy. Before a step the copy's gradient is added to theirs and set to 0; after it they are copied.
     *
     * @param copy as long, and in the same order
     */
    record Tie(Slice original, Slice copy) {

        /** @throws IllegalArgumentException if the lengths differ */
        public Tie {
            if (original.length() != copy.length()) {
                throw new IllegalArgumentException(
                        "a copy must be as long as what it copies, got " + copy.length() + " and " + original.length());
            }
        }
    }
}
