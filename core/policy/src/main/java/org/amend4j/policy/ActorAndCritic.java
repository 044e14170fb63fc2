/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.policy.PolicyGraphs.Mlp;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Two perceptrons that share nothing but their inputs: one for the actions, one for the value. */
final class ActorAndCritic {

    private static final double GAIN = Math.sqrt(2);

    private final Mlp shape;
    private final GraphBuilder builder;
    private final SplitMix64 random;
    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private final List<String> heads = new ArrayList<>();

    private ActorAndCritic(Mlp shape, GraphBuilder builder, long seed) {
        this.shape = shape;
        this.builder = builder;
        this.random = new SplitMix64(seed);
    }

    /** @param builder with the input "observation" */
    static ComputationGraph of(Mlp shape, GraphBuilder builder, long seed) {
        ActorAndCritic both = new ActorAndCritic(shape, builder, seed);
        both.perceptron("hidden", PolicyGraphs.ACTION_HEAD, shape.outputs(), PolicyGraphs.SMALL);
        if (shape.value()) {
            both.perceptron(PolicyGraphs.VALUE_HEAD, PolicyGraphs.VALUE_HEAD, 1, 1);
        }
        return both.graph();
    }

    private void perceptron(String hidden, String head, int outputs, double gain) {
        String below = PolicyGraphs.OBSERVATION;
        int inputs = shape.observationSize();
        for (int i = 0; i < shape.hidden().size(); i++) {
            int size = shape.hidden().get(i);
            layer(hidden + i, below, inputs, size, shape.activation(), GAIN);
            below = hidden + i;
            inputs = size;
        }
        layer(head, below, inputs, outputs, Activation.IDENTITY, gain);
        heads.add(head);
    }

    private void layer(String name, String below, int inputs, int outputs, Activation activation, double gain) {
        builder.addLayer(name, PolicyGraphs.dense(inputs, outputs, activation), below);
        weights.put(name, OrthogonalWeights.of(inputs, outputs, gain, random));
    }

    /** Parameters are written by name: a graph of two branches has its layers in an order of its own. */
    private ComputationGraph graph() {
        ComputationGraph graph = new ComputationGraph(
                builder.setOutputs(heads.toArray(new String[0])).build());
        graph.init();
        weights.forEach((name, numbers) -> {
            INDArray place = graph.getLayer(name).getParam("W");
            place.assign(Nd4j.create(numbers, place.shape(), 'f'));
        });
        return graph;
    }
}
