/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.lora.perexample.TrainingMode;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Wrappers;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** Which graphs can be a policy's network. */
final class PolicyGraphRules {

    private static final Set<Class<? extends GraphVertex>> STEPWISE =
            Set.of(MergeVertex.class, ElementWiseVertex.class, ScaleVertex.class, ShiftVertex.class);

    private PolicyGraphRules() {}

    /** @throws IllegalArgumentException if one is broken, naming the vertex */
    static void require(ComputationGraph graph, InputShape shape) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        if (graph.numParams() == 0) {
            throw new IllegalArgumentException("a policy's network needs something to train, got 0 parameters");
        }
        List<String> inputs = configuration.getNetworkInputs();
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("a policy's network needs exactly 1 input, got " + inputs);
        }
        configuration.getNetworkOutputs().forEach(name -> requireHead(graph, name));
        TrainingMode.obstacle(graph).ifPresent(what -> {
            throw new IllegalArgumentException(
                    "a policy's network must compute the same in training as in use, with exact gradients, but "
                            + what);
        });
        if (shape instanceof InputShape.Sequence) {
            requireSteps(configuration);
        }
    }

    /** Where an output is read by another vertex, Deeplearning4j's way back forgets the errors at the output. */
    static void requireHeadsOnTop(ComputationGraphConfiguration configuration) {
        configuration
                .getVertexInputs()
                .forEach((reader, inputs) -> configuration.getNetworkOutputs().stream()
                        .filter(inputs::contains)
                        .findFirst()
                        .ifPresent(output -> {
                            throw new IllegalArgumentException(
                                    "a policy's outputs must be read by no other vertex, since"
                                            + " Deeplearning4j loses their gradient then, but '" + output + "' is by '"
                                            + reader + "'");
                        }));
    }

    private static void requireHead(ComputationGraph graph, String name) {
        GraphVertex vertex = graph.getConfiguration().getVertices().get(name);
        if (graph.getLayer(name) instanceof IOutputLayer) {
            throw new IllegalArgumentException(
                    "a policy's outputs must be layers without loss (a DenseLayer with identity activation), but '"
                            + name + "' has one");
        }
        if (vertex instanceof LayerVertex layer
                && LayerKinds.activation(Wrappers.innermost(layer.getLayerConf().getLayer()))
                        .filter(ActivationSoftmax.class::isInstance)
                        .isPresent()) {
            throw new IllegalArgumentException("a policy's outputs must be logits, but '" + name
                    + "' has the softmax in it: give it the identity activation");
        }
    }

    private static void requireSteps(ComputationGraphConfiguration configuration) {
        if (configuration.getBackpropType() == BackpropType.TruncatedBPTT) {
            throw new IllegalArgumentException("a policy's gradient must be exact, but the graph is configured for"
                    + " truncated back-propagation through time");
        }
        for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
            GraphVertex vertex = entry.getValue();
            boolean fits = vertex instanceof LayerVertex layer
                    ? LayerKinds.isStepwise(
                            Wrappers.innermost(layer.getLayerConf().getLayer()))
                    : STEPWISE.contains(Wrappers.innermost(vertex).getClass());
            if (!fits) {
                throw new IllegalArgumentException("a recurrent policy needs layers that can go step by step (LSTM or"
                        + " SimpleRnn in NCW, dense, activation), but '" + entry.getKey() + "' is not such a layer");
            }
        }
    }
}
