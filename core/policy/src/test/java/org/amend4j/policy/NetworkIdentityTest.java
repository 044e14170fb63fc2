/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/** What a network's identity holds: everything that its outputs depend on besides the parameters, and nothing else. */
class NetworkIdentityTest {

    private static final InputShape ROW = new InputShape.Row(3);

    private static String text(ComputationGraph graph, boolean kernel) {
        Approximator network = kernel ? Approximators.of(graph) : GraphApproximator.of(graph, ROW);
        return network.facts().text();
    }

    /** A hidden layer of as many outputs as inputs, and two heads. */
    private static ComputationGraph graph(UnaryOperator<DenseLayer.Builder> hidden, String... outputs) {
        return Networks.initialised(Networks.builder(DataType.DOUBLE, 1)
                .addLayer(
                        "hidden",
                        hidden.apply(new DenseLayer.Builder().nIn(3).nOut(3).activation(Activation.TANH))
                                .build(),
                        "in")
                .addLayer(
                        "a",
                        new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "hidden")
                .addLayer(
                        "b",
                        new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "hidden")
                .setOutputs(outputs));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatChangesOutputsMakesAnotherNetwork(boolean kernel) {
        ComputationGraph base = graph(layer -> layer, "a", "b");
        ComputationGraph otherBase = graph(layer -> layer.weightInit(WeightInit.ONES), "a", "b");
        List<ComputationGraph> graphs = List.of(
                base,
                graph(layer -> layer.activation(Activation.RELU), "a", "b"),
                graph(layer -> layer.hasBias(false), "a", "b"),
                graph(layer -> layer, "b", "a"),
                Networks.twoHeads(DataType.DOUBLE, 1),
                Networks.twoHeads(DataType.FLOAT, 1),
                Networks.adapted(base, 1, "hidden").graph(),
                Networks.adapted(base, 1, "a").graph(),
                Networks.adapted(otherBase, 1, "hidden").graph());
        Set<String> texts = graphs.stream().map(graph -> text(graph, kernel)).collect(Collectors.toSet());
        assertEquals(graphs.size(), texts.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void howANetworkBeginsAndTrainsMakesNoOther(boolean kernel) {
        ComputationGraph trained = graph(layer -> layer, "a", "b");
        ApproximatorLaws.shake(GraphApproximator.of(trained, ROW), 1, 2);
        trained.getConfiguration().setIterationCount(5);
        ComputationGraph read = new ComputationGraph(ComputationGraphConfiguration.fromJson(
                graph(layer -> layer, "a", "b").getConfiguration().toJson()));
        read.init();
        Stream.of(
                        trained,
                        read,
                        graph(layer -> layer.updater(new Adam(0.1)).l2(0.5), "a", "b"),
                        graph(layer -> layer.weightInit(WeightInit.RELU).biasInit(1), "a", "b"))
                .forEach(graph -> assertEquals(text(graph(layer -> layer, "a", "b"), kernel), text(graph, kernel)));
    }

    @Test
    void recurrentAndConvolutionalGraphsAreToldApartByTheirLayers() {
        ComputationGraph recurrent = Networks.recurrent(DataType.DOUBLE, 1);
        String text = Approximators.of(recurrent).facts().text();
        assertEquals(
                text,
                Approximators.of(Networks.recurrent(DataType.DOUBLE, 2)).facts().text());
        String gates = recurrent.getConfiguration().toJson().replace("ActivationSigmoid", "ActivationHardSigmoid");
        ComputationGraph other = new ComputationGraph(ComputationGraphConfiguration.fromJson(gates));
        other.init();
        assertNotEquals(text, Approximators.of(other).facts().text());
        assertEquals(
                GraphApproximator.of(Networks.convolutional(DataType.DOUBLE, 1), Networks.IMAGE)
                        .facts()
                        .text(),
                GraphApproximator.of(Networks.convolutional(DataType.DOUBLE, 2), Networks.IMAGE)
                        .facts()
                        .text());
    }
}
