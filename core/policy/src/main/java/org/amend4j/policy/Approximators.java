/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Wrappers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * The fastest way to compute with a graph: a plan on the processor, for any graph without memory that
 * {@link org.amend4j.internal.network.NetworkReader} can read; else the graph itself. Both compute the same up to rounding.
 *
 * <p>Either way the trained parameters are in the graph after every {@link Approximator#setParameters}. A plan does not take account
 * of other changes to the graph: parameters set elsewhere, adapters switched off.
 */
public final class Approximators {

    private Approximators() {}

    /**
     * A new multi-layer perceptron, that of {@link PolicyGraphs#of}, to the bit.
     *
     * @param ownValue whether the value has hidden layers of its own
     */
    public static Approximator perceptron(PolicyGraphs.Mlp shape, boolean ownValue, long seed) {
        return of(PolicyGraphs.of(shape, ownValue, seed));
    }

    /**
     * Dense layers without a graph, all parameters 0; without hidden layers this is a uniform softmax policy. For each layer the
     * parameters are W [inputs, outputs] column by column, then b, as in a Deeplearning4j graph of the same layers.
     *
     * @throws IllegalArgumentException if there is no layer, or one does not fit on the one before it
     */
    public static Approximator zero(List<DenseShape> layers) {
        return DenseLayers.network(layers, DenseLayers.zero(layers));
    }

    /**
     * As {@link #zero} with random weights and biases 0. Weights are normal with variance 2/(inputs + outputs) (Glorot and Bengio
     * 2010), those of the last layer smaller by {@code lastGain}.
     *
     * @param lastGain in (0, ∞); 0.01 makes a nearly uniform policy
     */
    public static Approximator random(List<DenseShape> layers, double lastGain, long seed) {
        return DenseLayers.network(layers, DenseLayers.random(layers, lastGain, seed));
    }

    /**
     * For a graph that begins with a dense or recurrent layer; the meaning of its rows of inputs is then clear.
     *
     * @throws IllegalArgumentException if it begins otherwise, or cannot be a policy's network
     */
    public static Approximator of(ComputationGraph graph) {
        return of(graph, shape(graph));
    }

    /**
     * For any graph.
     *
     * @param shape what a row of inputs means to it
     * @throws IllegalArgumentException if it cannot be a policy's network, see {@link GraphApproximator#of}
     */
    public static Approximator of(ComputationGraph graph, InputShape shape) {
        Optional<PlannedApproximator> planned = PlannedApproximator.of(GraphApproximator.forward(graph, shape));
        return planned.map(Approximator.class::cast).orElseGet(() -> GraphApproximator.of(graph, shape));
    }

    /**
     * What a row means to a graph that begins with a dense or recurrent layer.
     *
     * @throws IllegalArgumentException if it begins otherwise
     */
    static InputShape shape(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        List<String> inputs = configuration.getNetworkInputs().subList(0, 1);
        List<String> readers = new ArrayList<>();
        for (var entry : configuration.getVertexInputs().entrySet()) {
            if (entry.getValue().equals(inputs)) {
                Optional<InputShape> shape = shape(configuration.getVertices().get(entry.getKey()));
                if (shape.isPresent()) {
                    return shape.get();
                }
                readers.add(entry.getKey());
            }
        }
        throw new IllegalArgumentException(
                "what a row of inputs means must be said for a graph that begins with neither a"
                        + " dense nor a recurrent layer: give an InputShape; '" + inputs.get(0) + "' is read by "
                        + readers);
    }

    private static Optional<InputShape> shape(@Nullable GraphVertex vertex) {
        if (!(vertex instanceof LayerVertex first) || first.getPreProcessor() != null) {
            return Optional.empty();
        }
        Layer layer = Wrappers.innermost(first.getLayerConf().getLayer());
        int width = (int) LayerKinds.width(layer);
        if (LayerKinds.readsSequences(layer)) {
            return Optional.of(new InputShape.Sequence(width));
        }
        return LayerKinds.readsRows(layer) ? Optional.of(new InputShape.Row(width)) : Optional.empty();
    }
}
