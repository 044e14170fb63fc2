/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.network.LayerKinds;
import org.amend4j.network.Wrappers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;

/**
 * The fastest way to compute with a graph: plain Java if it consists of dense layers on top of each other (with identity,
 * tanh, ReLU or sigmoid), also with adapters on them and with several heads; else the graph itself. Both compute the same
 * up to rounding.
 *
 * <p>Either way the trained parameters are in the graph after every {@link Approximator#setParameters}. The plain Java
 * version does not take account of other changes to the graph: parameters set elsewhere, adapters switched off.
 */
public final class Approximators {

    private Approximators() {}

    /**
     * A new multi-layer perceptron, that of {@link PolicyGraphs#mlp(PolicyGraphs.Mlp, long)}, to the bit.
     *
     * @param value whether a last output gives a value
     */
    public static Approximator perceptron(
            int inputs, List<Integer> hidden, DenseActivation activation, int outputs, boolean value, long seed) {
        Activation same = Activation.valueOf(activation.name());
        return of(PolicyGraphs.mlp(new PolicyGraphs.Mlp(inputs, hidden, same, outputs, value), seed));
    }

    /**
     * For a graph that begins with a dense or recurrent layer, whose rows need no explanation.
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
        GraphApproximator whole = GraphApproximator.of(graph, shape);
        Optional<DenseApproximator> kernel =
                shape instanceof InputShape.Row row ? DenseChain.of(graph, row.size()) : Optional.empty();
        return kernel.map(Approximator.class::cast).orElse(whole);
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
