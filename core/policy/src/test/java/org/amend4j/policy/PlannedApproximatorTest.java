/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.objective.Precision;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

class PlannedApproximatorTest {

    private static final int GRAPHS = Exhaustive.times(34, 100);
    private static final int ROWS = 70;

    /**
     * Of numbers around 1: four layers of sums of at most some dozens of products, whose errors slopes and weights around 1 enlarge
     * tenfold a layer at most, and sums over rows.
     */
    private static double tolerance(Precision precision) {
        return 1e4 * 48 * (precision == Precision.DOUBLE ? 0x1p-53 : 0x1p-24);
    }

    private static void assertPlannedAsTheGraph(String place, ComputationGraph graph, InputShape shape, long seed) {
        Approximator whole = GraphApproximator.of(graph, shape);
        Approximator planned = assertInstanceOf(PlannedApproximator.class, Approximators.of(graph, shape), place);
        assertEquals(whole.precision(), planned.precision(), place);
        assertEquals(whole.adapters(), planned.adapters(), place);
        assertEquals(whole.shape(), planned.shape(), place);
        assertArrayEquals(whole.parameters(), planned.parameters(), place);
        assertTrue(differences(whole, planned, seed) <= 1, place);
    }

    /** The largest difference of outputs and gradients, in tolerances. */
    private static double differences(Approximator whole, Approximator planned, long seed) {
        double[] inputs = ApproximatorLaws.normal(ROWS * whole.inputs(), seed);
        double[] weights = ApproximatorLaws.normal(ROWS * whole.outputs(), -seed);
        Approximator.Pass expected = whole.forward(inputs, new int[] {ROWS});
        Approximator.Pass found = planned.forward(inputs, new int[] {ROWS});
        double outputs = difference(expected.outputs(), found.outputs(), whole.precision());
        double gradients =
                difference(gradient(whole, expected, weights), gradient(planned, found, weights), whole.precision());
        return Math.max(outputs, gradients);
    }

    private static double[] gradient(Approximator network, Approximator.Pass pass, double[] weights) {
        double[] gradient = new double[network.dimension()];
        pass.backward(weights, gradient);
        return gradient;
    }

    private static double difference(double[] expected, double[] found, Precision precision) {
        assertEquals(expected.length, found.length);
        double largest =
                Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
        double most = 0;
        for (int i = 0; i < expected.length; i++) {
            most = Math.max(most, Math.abs(expected[i] - found[i]));
        }
        return most / (largest * tolerance(precision));
    }

    @Test
    void everyChainIsPlannedAndComputesWhatTheGraphComputes() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            ComputationGraph graph = RandomGraphs.chain(seed);
            assertPlannedAsTheGraph("chain, seed " + seed, graph, Approximators.shape(graph), seed);
        }
    }

    @Test
    void everyConnectionPastLayersIsPlannedAndComputesWhatTheGraphComputes() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            RandomGraphs.Shaped shaped = RandomGraphs.residual(seed);
            assertPlannedAsTheGraph("residual, seed " + seed, shaped.graph(), shaped.shape(), seed);
        }
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    @OneIn(2)
    void everyConvolutionIsPlannedAndComputesWhatTheGraphComputes(CNN2DFormat layout) {
        for (long seed = 1; seed <= GRAPHS / 2; seed++) {
            RandomGraphs.Shaped shaped = RandomGraphs.convolutional(seed, layout);
            assertPlannedAsTheGraph(layout + ", seed " + seed, shaped.graph(), shaped.shape(), seed);
        }
    }

    /** The laws' twin: a weight that is off by a thousandth is noticed. */
    @Test
    void aWrongWeightIsNoticed() {
        for (long seed = 1; seed <= 10; seed++) {
            RandomGraphs.Shaped shaped = RandomGraphs.residual(seed);
            Approximator whole = GraphApproximator.of(shaped.graph(), shaped.shape());
            Approximator planned = Approximators.of(shaped.graph(), shaped.shape());
            double[] theta = whole.parameters();
            theta[theta.length - 1] += whole.precision() == Precision.DOUBLE ? 1e-3 : 1;
            whole.setParameters(theta); // not by the plan
            assertTrue(differences(whole, planned, seed) > 1, "seed " + seed);
        }
    }

    static Stream<RandomGraphs.Shaped> inDouble() {
        return LongStream.rangeClosed(1, 12)
                .boxed()
                .flatMap(seed -> Stream.of(
                        RandomGraphs.residual(seed),
                        RandomGraphs.convolutional(seed, CNN2DFormat.NCHW),
                        RandomGraphs.convolutional(seed, CNN2DFormat.NHWC)))
                .filter(shaped -> shaped.graph().params().dataType() == DataType.DOUBLE);
    }

    @ParameterizedTest
    @MethodSource("inDouble")
    void gradientsAreNumericalGradients(RandomGraphs.Shaped shaped) {
        Approximator network = Approximators.of(shaped.graph(), shaped.shape());
        ApproximatorLaws.gradientIsNumericalGradient(network, new int[] {3, 2}, 7);
        ApproximatorLaws.contractHolds(network, 8);
    }

    /** Chains, adapted or not, in both types: whatever is beside a row, its bytes are the same. */
    @Test
    void aRowOfDenseLayersHasTheSameBytesAloneAndAmongOthers() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            ApproximatorLaws.rowsAreIndependent(Approximators.of(RandomGraphs.chain(seed)), 21, 0, seed);
        }
    }

    @Test
    void aRowOfOtherNetworksDependsOnItAloneUpToRounding() {
        for (long seed = 1; seed <= 10; seed++) {
            RandomGraphs.Shaped shaped = RandomGraphs.convolutional(seed, CNN2DFormat.NCHW);
            Approximator network = Approximators.of(shaped.graph(), shaped.shape());
            double tolerance = 10 * tolerance(network.precision());
            ApproximatorLaws.rowsAreIndependent(network, 9, tolerance, seed);
            ApproximatorLaws.stepperAgreesWithForward(network, new int[] {2, 3, 1}, tolerance, seed);
        }
    }

    /** More rows than are computed at a time: the sum of the parts' gradients. */
    @Test
    void veryManyRowsAreComputedInBlocks() {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(2, 3, true, DenseActivation.TANH),
                        new DenseShape(3, 2, true, DenseActivation.IDENTITY)),
                1,
                3);
        int rows = 40_000;
        double[] inputs = ApproximatorLaws.normal(2 * rows, 4);
        double[] weights = ApproximatorLaws.normal(2 * rows, 5);
        Approximator.Pass pass = network.forward(inputs, new int[] {rows});
        double[] outputs = pass.outputs();
        double[] found = gradient(network, pass, weights);
        double[] expected = new double[network.dimension()];
        for (int from = 0; from < rows; from += 1000) {
            Approximator.Pass some =
                    network.forward(Arrays.copyOfRange(inputs, 2 * from, 2 * from + 2000), new int[] {1000});
            assertArrayEquals(Arrays.copyOfRange(outputs, 2 * from, 2 * from + 2000), some.outputs());
            some.backward(Arrays.copyOfRange(weights, 2 * from, 2 * from + 2000), expected);
        }
        // sums of 40,000 numbers around 1, in two orders
        assertArrayEquals(expected, found, 40_000 * 40_000 * 0x1p-53);
    }

    /** Closing a machine reports what was not given back. */
    @Test
    void everythingIsGivenBack() {
        RandomGraphs.Shaped shaped = RandomGraphs.convolutional(1, CNN2DFormat.NCHW);
        Network network = NetworkReader.training(shaped.graph(), List.of(image(shaped.shape())));
        PlannedPasses passes = new PlannedPasses(network, Arithmetic.SINGLE);
        passes.setParameters(new double[(int) network.parameters()]);
        for (int rows = 1; rows <= 140; rows++) { // more than are kept
            assertEquals(
                    4 * rows, passes.forward(new double[rows * shaped.shape().size()], rows).length);
            assertEquals(network.parameters(), passes.backward(new double[4 * rows], rows).length);
        }
        assertDoesNotThrow(passes::close);
    }

    private static long[] image(InputShape shape) {
        InputShape.Image image = (InputShape.Image) shape;
        return new long[] {image.first(), image.second(), image.third()};
    }

    private static Arguments graph(String name, GraphBuilder builder, String... outputs) {
        return Arguments.of(Named.of(name, builder.setOutputs(outputs).setInputTypes(InputType.feedForward(3))));
    }

    private static GraphBuilder onTwo() {
        return Networks.builder(DataType.DOUBLE, 1)
                .addLayer("a", Networks.dense(4, Activation.TANH), "in")
                .addLayer("b", Networks.dense(4, Activation.TANH), "a");
    }

    static Stream<Arguments> noChains() {
        return Stream.of(
                graph("another activation", onTwo().addLayer("c", Networks.dense(2, Activation.ELU), "b"), "c"),
                graph(
                        "heads of two activations",
                        onTwo().addLayer("c", Networks.dense(2, Activation.IDENTITY), "b")
                                .addLayer("d", Networks.dense(1, Activation.TANH), "b"),
                        "c",
                        "d"),
                graph(
                        "layer norm",
                        onTwo().addLayer(
                                        "c",
                                        new DenseLayer.Builder()
                                                .nOut(2)
                                                .hasLayerNorm(true)
                                                .build(),
                                        "b"),
                        "c"),
                graph(
                        "an activation in a vertex of its own",
                        onTwo().addLayer("c", Networks.dense(2, Activation.IDENTITY), "b")
                                .addLayer("d", new ActivationLayer(Activation.TANH), "c"),
                        "d"),
                graph(
                        "a connection past a layer",
                        onTwo().addVertex("both", new MergeVertex(), "a", "b")
                                .addLayer("c", Networks.dense(2, Activation.IDENTITY), "both"),
                        "c"),
                graph(
                        "two branches",
                        onTwo().addLayer("c", Networks.dense(2, Activation.IDENTITY), "b")
                                .addLayer("d", Networks.dense(1, Activation.IDENTITY), "a"),
                        "c",
                        "d"));
    }

    @ParameterizedTest
    @MethodSource("noChains")
    void whatIsNoChainIsPlannedToo(GraphBuilder builder) {
        ComputationGraph graph = Networks.initialised(builder);
        ApproximatorLaws.gradientIsNumericalGradient(Approximators.of(graph), new int[] {4}, 2);
        assertPlannedAsTheGraph("", graph, new InputShape.Row(3), 1);
    }

    /** Deeplearning4j forgets the errors at the lower one; its gradient is not the numerical one. */
    @Test
    void anOutputBelowAnotherHasTheRightGradientAndIsNotLeftToTheGraph() {
        ComputationGraph graph =
                Networks.initialised(onTwo().setOutputs("a", "b").setInputTypes(InputType.feedForward(3)));
        Approximator network = assertInstanceOf(PlannedApproximator.class, Approximators.of(graph));
        ApproximatorLaws.gradientIsNumericalGradient(network, new int[] {4}, 2);
        assertThrows(IllegalArgumentException.class, () -> GraphApproximator.of(graph, new InputShape.Row(3)));
    }
}
