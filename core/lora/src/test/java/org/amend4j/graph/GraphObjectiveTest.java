/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** A graph and its data as a function. Tolerances: unit roundoff u, times the length of the sums, times their magnitude. */
public class GraphObjectiveTest {

    /** Sums of a few thousand terms of order 1 in double. */
    private static final double ROUNDING = 1e-12;

    /** Central difference with step 1e-5: h²/6·f''' + 2u·f/h is about 1e-10; two orders above. */
    private static final double DIFFERENCE = 1e-8;

    private static final double STEP = 1e-5;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    public static ComputationGraph adapted(TestCase networks, DataType type, long seed) {
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(networks.network(type, seed)),
                        LoraConfig.of(2, 3).withTargets(Targets.names(networks.targets())),
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .graph();
        Random random = new Random(seed);
        for (long i = 0; i < graph.numParams(); i++) {
            graph.params().putScalar(i, graph.params().getDouble(i) + 0.1 * random.nextGaussian());
        }
        return graph;
    }

    private static void assertDerivative(Objective objective, double[] at, long seed) {
        double[] gradient = new double[objective.dimension()];
        objective.valueAndGradient(at, gradient);
        Random random = new Random(seed);
        for (int k = 0; k < 3; k++) {
            double[] direction = random.doubles(at.length, -1, 1).toArray();
            double numerical =
                    (objective.value(moved(at, direction, STEP)) - objective.value(moved(at, direction, -STEP)))
                            / (2 * STEP);
            double analytic = dot(gradient, direction);
            assertEquals(analytic, numerical, DIFFERENCE * (1 + Math.abs(analytic)), "direction " + k);
        }
    }

    public static double[] moved(double[] at, double[] direction, double step) {
        return IntStream.range(0, at.length)
                .mapToDouble(i -> at[i] + step * direction[i])
                .toArray();
    }

    public static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static void assertClose(double[] expected, double[] actual, double tolerance) {
        double scale = 1 + Math.sqrt(dot(expected, expected));
        assertArrayEquals(expected, actual, tolerance * scale);
    }

    @OneIn(5)
    @ParameterizedTest
    @MethodSource("seeds")
    void the_gradient_of_a_random_graph_agrees_with_differences_of_the_value(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        GraphObjective objective =
                GraphObjective.of(random.graph(), Records.of(random.data())).withWeightDecay(seed % 3 == 0 ? 0.1 : 0);
        assertDerivative(objective, objective.parameters(), seed);
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    void the_gradient_of_an_adapted_graph_agrees_with_differences_of_the_value(TestCase networks) {
        GraphObjective objective = GraphObjective.of(
                adapted(networks, DataType.DOUBLE, 7), Records.of(networks.data(DataType.DOUBLE, 5, 8)));
        assertDerivative(objective, objective.parameters(), 9);
    }

    @OneIn(5)
    @ParameterizedTest
    @MethodSource("seeds")
    void value_and_gradient_are_Deeplearning4js_score_and_mean_gradient(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        ComputationGraph graph = random.graph();
        MultiDataSet data = random.data();
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        double[] expected =
                graph.gradient().gradient().div(data.getFeatures(0).size(0)).toDoubleVector();
        double score = graph.score();
        INDArray before = graph.params().dup();

        GraphObjective objective = GraphObjective.of(graph, Records.of(data));
        double[] gradient = new double[objective.dimension()];
        double value = objective.valueAndGradient(objective.parameters(), gradient);

        assertEquals(score, value, ROUNDING * (1 + Math.abs(score)));
        assertEquals(score, objective.value(objective.parameters()), ROUNDING * (1 + Math.abs(score)));
        assertClose(expected, gradient, ROUNDING);
        assertTrue(ArrayBytes.same(before, graph.params()), "the graph given must not change");
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    void masks_count_as_in_Deeplearning4j(TestCase networks) {
        ComputationGraph graph = adapted(networks, DataType.DOUBLE, 3);
        MultiDataSet data = networks.data(DataType.DOUBLE, 6, 4);
        if (networks == TestCase.SEQUENCE) {
            INDArray mask = org.nd4j.linalg.factory.Nd4j.ones(DataType.DOUBLE, 6, 8);
            mask.putScalar(1, 7, 0);
            mask.putScalar(4, 6, 0);
            data.setLabelsMaskArray(new INDArray[] {mask});
        }
        double expected = graph.score(data);
        GraphObjective objective = GraphObjective.of(graph, Records.of(data)).withChunk(4);
        assertEquals(expected, objective.value(objective.parameters()), ROUNDING * (1 + Math.abs(expected)));
        assertDerivative(objective, objective.parameters(), 5);
    }

    @OneIn(5)
    @ParameterizedTest
    @MethodSource("seeds")
    void a_subset_is_the_objective_on_the_subsets_records_alone(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        Records all = Records.of(random.data());
        Random choice = new Random(seed);
        long[] some = LongStream.range(0, all.size())
                .filter(id -> id == 0 || choice.nextBoolean())
                .toArray();
        var alone = all.batch(LongStream.of(some).mapToInt(id -> (int) id).toArray(), 0, some.length);
        GraphObjective restricted = GraphObjective.of(random.graph(), all)
                .restrictedTo(RecordIds.of(some))
                .withChunk(3);
        GraphObjective retrained =
                GraphObjective.of(random.graph(), Records.of(alone)).withChunk(3);

        double[] a = new double[restricted.dimension()];
        double[] b = new double[restricted.dimension()];
        double[] at = restricted.parameters();
        assertEquals(retrained.valueAndGradient(at, b), restricted.valueAndGradient(at, a));
        assertArrayEquals(b, a, "bit for bit");
        assertEquals(retrained.value(at), restricted.value(at));
    }

    @OneIn(10)
    @ParameterizedTest
    @MethodSource("seeds")
    void chunks_change_nothing_but_rounding(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        GraphObjective whole =
                GraphObjective.of(random.graph(), Records.of(random.data())).withChunk(1000);
        double[] at = whole.parameters();
        double[] expected = new double[whole.dimension()];
        double value = whole.valueAndGradient(at, expected);
        for (int chunk : new int[] {1, 2, 5}) {
            double[] gradient = new double[whole.dimension()];
            assertEquals(value, whole.withChunk(chunk).valueAndGradient(at, gradient), ROUNDING * (1 + value));
            assertClose(expected, gradient, ROUNDING);
        }
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    void chunks_change_float_results_by_no_more_than_float_rounding(TestCase networks) {
        GraphObjective whole = GraphObjective.of(
                adapted(networks, DataType.FLOAT, 7), Records.of(networks.data(DataType.FLOAT, 24, 8)));
        double[] at = whole.parameters();
        double[] expected = new double[whole.dimension()];
        double value = whole.valueAndGradient(at, expected);
        double[] gradient = new double[whole.dimension()];
        // u = 6e-8, sums of at most 24 records, 72 pixels, each itself a sum of at most 20 products.
        double tolerance = 6e-8 * 24 * 20;
        assertEquals(value, whole.withChunk(7).valueAndGradient(at, gradient), tolerance * (1 + value));
        assertClose(expected, gradient, tolerance);
    }

    @Tag("kernels")
    @ParameterizedTest
    @EnumSource(TestCase.class)
    void equal_vectors_give_equal_bytes_whatever_came_between(TestCase networks) {
        GraphObjective objective = GraphObjective.of(
                adapted(networks, DataType.FLOAT, 7), Records.of(networks.data(DataType.FLOAT, 9, 8)));
        double[] at = objective.parameters();
        double[] first = new double[at.length];
        double[] again = new double[at.length];
        double value = objective.valueAndGradient(at, first);
        double[] elsewhere = moved(at, at, 0.5);
        assertNotEquals(value, objective.value(elsewhere));
        objective.clipped(Clipping.perRecord(0.1)).valueAndGradient(elsewhere, again);
        objective.restrictedTo(RecordIds.of(2, 5)).valueAndGradient(elsewhere, again);
        assertEquals(value, objective.valueAndGradient(at, again));
        assertArrayEquals(first, again);
    }

    @OneIn(5)
    @ParameterizedTest
    @MethodSource("seeds")
    void a_fixed_normaliser_makes_a_removal_take_away_one_term(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        GraphObjective all = GraphObjective.of(random.graph(), Records.of(random.data()))
                .withNormaliser(16)
                .withWeightDecay(0.25);
        RecordIds last = RecordIds.of(all.records().size() - 1L);
        double[] at = all.parameters();
        double without = all.restrictedTo(all.records().without(last)).value(at);
        double term = all.withWeightDecay(0).restrictedTo(last).value(at);
        assertEquals(all.value(at), without + term, ROUNDING * (1 + Math.abs(without)));
    }

    /** The merged network has W + sAB as a parameter, so its gradient there is the one whose norm is asked for. */
    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"DENSE", "BRANCHING", "NCHW"})
    @OneIn(3)
    void the_norm_of_the_weights_gradient_is_that_of_the_merged_network(TestCase networks) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(networks.network(DataType.DOUBLE, 11)),
                LoraConfig.of(2, 3).withTargets(Targets.names(networks.targets())),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        model.graph().params().addi(0.2);
        MultiDataSet data = networks.data(DataType.DOUBLE, 5, 12);
        GraphObjective objective =
                GraphObjective.of(model.graph(), Records.of(data)).withChunk(2);
        double[] norms = new double[objective.adapters().size()];
        double[] gradient = new double[objective.dimension()];
        double[] plainGradient = new double[objective.dimension()];
        double value = objective.valueAndGradient(objective.parameters(), gradient, norms);
        assertEquals(objective.valueAndGradient(objective.parameters(), plainGradient), value);
        assertClose(plainGradient, gradient, ROUNDING);

        ComputationGraph merged = model.merge().network();
        assertEquals(networks.targets().length, norms.length);
        for (int k = 0; k < norms.length; k++) {
            String layer = objective.adapters().get(k).layer();
            double expected =
                    numericalGradientNorm(merged, merged.getLayer(layer).getParam("W"), data);
            assertEquals(expected, norms[k], DIFFERENCE * (1 + expected), layer);
        }
    }

    private static double numericalGradientNorm(ComputationGraph graph, INDArray weight, MultiDataSet data) {
        double sum = 0;
        for (long i = 0; i < weight.length(); i++) {
            double w = weight.getDouble(i);
            weight.putScalar(i, w + STEP);
            double above = graph.score(data, false);
            weight.putScalar(i, w - STEP);
            double slope = (above - graph.score(data, false)) / (2 * STEP);
            weight.putScalar(i, w);
            sum += slope * slope;
        }
        return Math.sqrt(sum);
    }
}
