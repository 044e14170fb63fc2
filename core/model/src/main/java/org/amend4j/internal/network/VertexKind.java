/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.text.Article;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What is known about one kind of vertex that is no layer: its weights, if it has any, and what it computes. A kind is identified by its exact configuration class.
 * Kinds are found as services of this type, or {@linkplain VertexKinds#add added}. They are stateless.
 *
 * @param <V> the configuration
 */
public interface VertexKind<V extends GraphVertex> {

    /** The configuration class. */
    Class<V> configuration();

    /**
     * Appends what a vertex computes, and tells the reading how arrays hold it.
     *
     * @return the node of its result
     * @throws UnsupportedNetworkException if it cannot be said in operations
     */
    default int read(VertexReading<V> reading) {
        throw reading.unsupported("is " + Article.before(configuration().getSimpleName()));
    }

    /** Every weight an adapter can add to, by Deeplearning4j's key and in its order; none if vertices like this one cannot have one. */
    default Map<String, WeightMatrix> weights(V vertex) {
        return Map.of();
    }

    /**
     * The products that one example takes; empty if they are not known, or cannot be counted for these types.
     *
     * @param from what it reads of an example, in its inputs' order
     */
    default Optional<ExampleProducts> products(V vertex, List<InputType> from) {
        return Optional.empty();
    }

    /** Whether {@link #onBase} has a vertex of its own for it, so that it is not left to Deeplearning4j's. */
    default boolean runsOnBase(V vertex) {
        return false;
    }

    /**
     * A vertex that runs on the weights of a base, hands its inputs' gradients down and computes no other.
     *
     * @param vertex for which {@link #runsOnBase} holds
     * @param stock Deeplearning4j's own on these weights
     */
    default org.deeplearning4j.nn.graph.vertex.GraphVertex onBase(
            V vertex, org.deeplearning4j.nn.graph.vertex.GraphVertex stock, DataType type) {
        throw new IllegalStateException(configuration().getName() + " has no vertex of its own");
    }
}
