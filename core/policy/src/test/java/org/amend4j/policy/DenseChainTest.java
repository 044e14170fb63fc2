/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Arrays;
import java.util.stream.Stream;
import org.amend4j.objective.Precision;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

class DenseChainTest {

    private static final int GRAPHS = 100;
    private static final int ROWS = 70;

    /**
     * Of numbers around 1: four layers of sums of at most a dozen products, whose errors slopes and weights around 1 enlarge tenfold a
     * layer at most, and sums over rows.
     */
    private static double tolerance(Precision precision) {
        return 1e4 * 12 * (precision == Precision.DOUBLE ? 0x1p-53 : 0x1p-24);
    }

    @Test
    void everyChainIsCompiledAndComputesWhatTheGraphComputes() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            ComputationGraph graph = RandomGraphs.chain(seed);
            Approximator whole = GraphApproximator.of(graph, Approximators.shape(graph));
            Approximator kernel = assertInstanceOf(DenseApproximator.class, Approximators.of(graph));
            String place = "seed " + seed;
            assertEquals(whole.precision(), kernel.precision(), place);
            assertEquals(whole.adapters(), kernel.adapters(), place);
            assertArrayEquals(whole.parameters(), kernel.parameters(), place);
            double[] inputs = ApproximatorLaws.normal(ROWS * whole.inputs(), seed);
            double[] weights = ApproximatorLaws.normal(ROWS * whole.outputs(), -seed);
            Approximator.Pass expected = whole.forward(inputs, new int[] {ROWS});
            Approximator.Pass found = kernel.forward(inputs, new int[] {ROWS});
            assertClose(expected.outputs(), found.outputs(), whole.precision(), place);
            assertClose(gradient(whole, expected, weights), gradient(kernel, found, weights), whole.precision(), place);
        }
    }

    private static double[] gradient(Approximator network, Approximator.Pass pass, double[] weights) {
        double[] gradient = new double[network.dimension()];
        pass.backward(weights, gradient);
        return gradient;
    }

    private static void assertClose(double[] expected, double[] found, Precision precision, String place) {
        double largest =
                Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
        assertArrayEquals(expected, found, largest * tolerance(precision), place);
    }

    private static Arguments graph(String name, GraphBuilder builder, String... outputs) {
        return Arguments.of(Named.of(name, builder.setOutputs(outputs).setInputTypes(InputType.feedForward(3))));
    }

    private static GraphBuilder onTwo() {
        return Networks.builder(DataType.DOUBLE, 1)
                .addLayer("a", Networks.dense(4, Activation.TANH), "in")
                .addLayer("b", Networks.dense(4, Activation.TANH), "a");
    }

    static Stream<Arguments> others() {
        return Stream.of(
                graph(
                        "an activation without a kernel",
                        onTwo().addLayer("c", Networks.dense(2, Activation.ELU), "b"),
                        "c"),
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
                        "d"),
                graph("an output below another", onTwo(), "a", "b"));
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatIsNoChainIsLeftToTheGraph(GraphBuilder builder) {
        assertInstanceOf(GraphApproximator.class, Approximators.of(Networks.initialised(builder)));
    }
}
