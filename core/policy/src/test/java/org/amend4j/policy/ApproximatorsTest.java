/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

class ApproximatorsTest {

    private static Arguments graph(String name, Supplier<ComputationGraph> supplier) {
        return Arguments.of(Named.of(name, supplier));
    }

    private static ComputationGraph trainedInFull(DataType type) {
        return AdaptedModel.attach(
                        BaseModel.of(Networks.twoHeads(type, 5)),
                        LoraConfig.of(2, 4).withTargets("hidden1").withTrainedInFull("action"),
                        new FineTuneConfiguration.Builder().seed(6).build())
                .graph();
    }

    static Stream<Arguments> chains() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT)
                .flatMap(type -> Stream.of(
                        graph("two heads, " + type, () -> Networks.twoHeads(type, 1)),
                        graph(
                                "every layer adapted, " + type,
                                () -> Networks.adapted(
                                                Networks.twoHeads(type, 2), 3, "hidden0", "hidden1", "action", "value")
                                        .graph()),
                        graph(
                                "adapters above a frozen layer, " + type,
                                () -> Networks.adapted(Networks.twoHeads(type, 3), 4, "hidden1", "value")
                                        .graph()),
                        graph(
                                "adapter below a frozen layer, " + type,
                                () -> Networks.adapted(Networks.twoHeads(type, 4), 5, "hidden0")
                                        .graph()),
                        graph("a head trained in full, " + type, () -> trainedInFull(type))));
    }

    /**
     * Sums of some ten products in two orders differ by about 1e-15 relative in double, and 1e-6 where the graph rounds to
     * float.
     */
    @ParameterizedTest
    @MethodSource("chains")
    void planComputesWhatTheGraphComputes(Supplier<ComputationGraph> supplier) {
        ComputationGraph graph = supplier.get();
        Approximator whole = GraphApproximator.of(graph, new InputShape.Row(3));
        ApproximatorLaws.shake(whole, 0.3, 8);
        Approximator planned = Approximators.of(graph);
        assertInstanceOf(PlannedApproximator.class, planned);
        assertEquals(whole.precision(), planned.precision());
        assertArrayEquals(whole.parameters(), planned.parameters());
        assertEquals(whole.adapters(), planned.adapters());
        double tolerance = whole.precision() == Precision.DOUBLE ? 1e-12 : 1e-5;
        int[] lengths = {70};
        double[] inputs = ApproximatorLaws.normal(70 * 3, 9);
        double[] weights = ApproximatorLaws.normal(70 * whole.outputs(), 10);
        Approximator.Pass expected = whole.forward(inputs, lengths);
        Approximator.Pass found = planned.forward(inputs, lengths);
        assertClose(expected.outputs(), found.outputs(), tolerance);
        double[] expectedGradient = new double[whole.dimension()];
        double[] foundGradient = new double[whole.dimension()];
        expected.backward(weights, expectedGradient);
        found.backward(weights, foundGradient);
        assertClose(expectedGradient, foundGradient, tolerance);
        double[] steps = planned.stepper(70)
                .step(inputs, java.util.stream.IntStream.range(0, 70).toArray(), new boolean[70]);
        assertArrayEquals(planned.forward(inputs, lengths).outputs(), steps);
    }

    private static void assertClose(double[] expected, double[] found, double tolerance) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertTrue(largest > 1e-3);
        assertArrayEquals(expected, found, tolerance * largest);
    }

    @ParameterizedTest
    @MethodSource("chains")
    void parametersSetInThePlanAreInTheGraph(Supplier<ComputationGraph> supplier) {
        ComputationGraph graph = supplier.get();
        Approximator planned = Approximators.of(graph);
        ApproximatorLaws.shake(planned, 0.3, 11);
        assertArrayEquals(planned.parameters(), ParameterVectors.of(graph));
        assertArrayEquals(
                planned.parameters(),
                GraphApproximator.of(graph, new InputShape.Row(3)).parameters());
        ApproximatorLaws.contractHolds(planned, 12);
    }

    @Test
    void adaptedPlanHasNumericalGradient() {
        ComputationGraph graph = Networks.adapted(Networks.twoHeads(DataType.DOUBLE, 7), 8, "hidden0", "action")
                .graph();
        ApproximatorLaws.gradientIsNumericalGradient(Approximators.of(graph), new int[] {7}, 13);
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"IDENTITY", "TANH", "RELU", "SIGMOID", "ELU", "RELU6", "LEAKYRELU"})
    void everyActivationIsRight(Activation activation) {
        ComputationGraph graph =
                PolicyGraphs.mlp(PolicyGraphs.Mlp.of(3, 2).withHidden(8).withActivation(activation), 3);
        Approximator network = Approximators.of(graph);
        assertInstanceOf(PlannedApproximator.class, network);
        ApproximatorLaws.shake(network, 0.5, 4);
        ApproximatorLaws.gradientIsNumericalGradient(network, new int[] {5}, 14);
    }

    @Test
    void recurrentGraphsAreComputedByThemselves() {
        Approximator recurrent = Approximators.of(Networks.recurrent(DataType.DOUBLE, 1));
        assertInstanceOf(GraphApproximator.class, recurrent);
        assertTrue(recurrent.recurrent());
    }

    @Test
    void onlyOneLayerOfParametersWithoutAnActivationIsLinear() {
        DenseShape plain = new DenseShape(3, 2, true, DenseActivation.IDENTITY);
        assertTrue(Approximators.zero(List.of(plain)).isLinear());
        assertFalse(Approximators.zero(List.of(new DenseShape(3, 2, true, DenseActivation.TANH)))
                .isLinear());
        assertFalse(Approximators.zero(List.of(plain, new DenseShape(2, 2, true, DenseActivation.IDENTITY)))
                .isLinear());
        ComputationGraph heads =
                PolicyGraphs.mlp(PolicyGraphs.Mlp.of(3, 2).withHidden(List.of()).withValue(), 1);
        assertTrue(Approximators.of(heads).isLinear());
        assertFalse(
                Approximators.of(Networks.adapted(heads, 1, "action").graph()).isLinear());
        assertFalse(GraphApproximator.of(heads, new InputShape.Row(3)).isLinear());
    }

    @Test
    void rowsOfImagesMustBeExplained() {
        assertThrows(
                IllegalArgumentException.class, () -> Approximators.of(Networks.convolutional(DataType.DOUBLE, 1)));
    }
}
