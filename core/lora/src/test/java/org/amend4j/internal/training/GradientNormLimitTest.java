/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Steps along a gradient whose norm is limited as a whole, by plans and by {@code fit}. */
class GradientNormLimitTest {

    private static final int RECORDS = 24;
    private static final int BATCH = 8;
    private static final int STEPS = 6;
    private static final double RATE = 0.5;

    /** Below the norms of the first gradients, above none of the largest. */
    private static final double LIMIT = 0.2;

    /**
     * Of the way that parameters went: gradients of 8 examples in double err by about 1e-15, norms of 1,000 parameters by 1e-13. In
     * floats a gradient errs by 1e-6, and six steps add up to ten times of that. Parameters are rounded in every step.
     */
    private static double tolerance(Machine machine) {
        return isWide(machine) ? 1e-12 : 1e-5;
    }

    private static boolean isWide(Machine machine) {
        return machine.computesIn(ElementType.DOUBLE);
    }

    private static DataSet data() {
        Random random = new Random(4);
        return new DataSet(
                TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 5),
                TestNetworks.oneHot(DataType.DOUBLE, random, RECORDS, 3, 0));
    }

    private static ComputationGraph graph(IUpdater updater, Consumer<FineTuneConfiguration.Builder> more) {
        FineTuneConfiguration.Builder steps = new FineTuneConfiguration.Builder().updater(updater);
        more.accept(steps);
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(TestNetworks.dense(DataType.DOUBLE, 1)),
                        LoraConfig.of(2, 4).withTargets("dense_0", "dense_1").withTrainedInFull("out"),
                        steps.build())
                .graph();
        graph.params()
                .assign(TestNetworks.normal(
                        DataType.DOUBLE, new Random(5), graph.params().shape()));
        return graph;
    }

    private static ComputationGraph graph(IUpdater updater) {
        return graph(updater, steps -> {});
    }

    private static int[] batch(int step) {
        return IntStream.range(0, BATCH).map(k -> (step * BATCH + k) % RECORDS).toArray();
    }

    private static double[] byPlan(Machine machine, ComputationGraph graph) {
        Arithmetic arithmetic = isWide(machine) ? Arithmetic.DOUBLE : Arithmetic.SINGLE;
        ComputationGraph trained = graph.clone();
        try (PlannedTraining training = PlannedTraining.of(machine, graph, Records.of(data()), BATCH, arithmetic)) {
            for (int step = 0; step < STEPS; step++) {
                training.step(batch(step));
            }
            training.copyInto(trained);
        }
        return ParameterVectors.of(trained);
    }

    private static double[] byFit(ComputationGraph graph) {
        for (int step = 0; step < STEPS; step++) {
            graph.fit(DataSet.merge(
                    IntStream.of(batch(step)).mapToObj(data()::get).toList()));
        }
        return ParameterVectors.of(graph);
    }

    /** Plain steps along min(1, C/‖g‖)·g of the mean loss. */
    private static double[] byHand(ComputationGraph graph, double limit) {
        RecordObjective all = GraphObjective.of(graph, Records.of(data()));
        double[] theta = ParameterVectors.of(graph);
        double[] gradient = new double[theta.length];
        for (int step = 0; step < STEPS; step++) {
            all.restrictedTo(RecordIds.of(
                            IntStream.of(batch(step)).asLongStream().toArray()))
                    .valueAndGradient(theta, gradient);
            double factor = RATE * Math.min(1, limit / Agreement.norm(gradient));
            for (int k = 0; k < theta.length; k++) {
                theta[k] -= factor * gradient[k];
            }
        }
        return theta;
    }

    private static double distance(double[] one, double[] other) {
        double[] difference = new double[one.length];
        Arrays.setAll(difference, k -> one[k] - other[k]);
        return Agreement.norm(difference);
    }

    private static void assertNear(double[] expected, double[] actual, double[] start, double tolerance, String what) {
        double moved = distance(start, expected);
        double rounded = STEPS * Agreement.norm(expected) * (tolerance > 1e-7 ? 0x1p-24 : 0x1p-53);
        double apart = distance(expected, actual);
        assertTrue(apart <= tolerance * moved + rounded, what + ": " + apart + " after " + moved);
    }

    @ParameterizedTest(name = "limit {0}")
    @ValueSource(doubles = {0.01, LIMIT, 1, 100})
    void stepsAreThoseAlongAGradientThatIsShortenedByHand(double limit) {
        ComputationGraph graph = graph(new Sgd(RATE));
        double[] start = ParameterVectors.of(graph);
        double[] expected = byHand(graph, limit);
        graph.addListeners(new GradientNormLimit(limit));
        try (Machine machine = LawMachines.plain()) {
            assertNear(expected, byPlan(machine, graph), start, tolerance(machine), "by a plan");
        }
        assertNear(expected, byFit(graph), start, 1e-12, "by fit");
    }

    /** The twin: neither no limit nor one for each layer gives these steps. */
    @Test
    void otherLimitsAreNoticed() {
        double[] start = ParameterVectors.of(graph(new Sgd(RATE)));
        double[] expected = byHand(graph(new Sgd(RATE)), LIMIT);
        double moved = distance(start, expected);
        try (Machine machine = LawMachines.plain()) {
            double[] unlimited = byPlan(machine, graph(new Sgd(RATE)));
            double[] byLayer = byPlan(
                    machine,
                    graph(
                            new Sgd(RATE),
                            steps -> steps.gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                    .gradientNormalizationThreshold(LIMIT)));
            assertTrue(distance(expected, unlimited) > 0.1 * moved);
            assertTrue(distance(expected, byLayer) > 0.1 * moved);
        }
    }

    /** The whole gradient first, then what is left of each layer's; penalties come later. */
    @Test
    void besideLimitsOfLayersAndPenaltiesStepsAreThoseOfFit() {
        ComputationGraph graph = graph(
                new Adam(0.02),
                steps -> steps.weightDecay(0.3, true)
                        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                        .gradientNormalizationThreshold(LIMIT / 2));
        double[] start = ParameterVectors.of(graph);
        graph.addListeners(new GradientNormLimit(LIMIT));
        try (Machine machine = LawMachines.plain()) {
            double[] actual = byPlan(machine, graph);
            // Adam divides by gradients; Deeplearning4j counts a layer's norm as up to a millionth longer
            assertNear(byFit(graph), actual, start, isWide(machine) ? 1e-5 : 1e-4, "Adam");
        }
    }

    @Test
    void aLimitThatIsNeverReachedChangesNoByte() {
        for (IUpdater updater : new IUpdater[] {new Sgd(RATE), new Adam(0.02)}) {
            ComputationGraph free = graph(updater);
            ComputationGraph limited = graph(updater);
            limited.addListeners(new GradientNormLimit(1e4));
            try (Machine machine = LawMachines.plain()) {
                assertArrayEquals(byPlan(machine, free), byPlan(machine, limited));
            }
            assertArrayEquals(byFit(free), byFit(limited));
        }
    }

    /** The squares of such floats are infinite, their norm is not. */
    @Test
    void inFitALongGradientIsShortenedAndNotLost() {
        ComputationGraph graph = TestNetworks.dense(DataType.FLOAT, 3);
        INDArray x = TestNetworks.normal(DataType.FLOAT, new Random(1), 4, 5).muli(1e20);
        DataSet data = new DataSet(x, TestNetworks.oneHot(DataType.FLOAT, new Random(2), 4, 3, 0));
        double[] start = ParameterVectors.of(graph);
        graph.setLearningRate(1);
        graph.addListeners(new GradientNormLimit(0.01));
        graph.fit(data);
        double moved = distance(start, ParameterVectors.of(graph));
        assertTrue(moved > 0.5 * 0.01 && moved < 1.001 * 0.01, "moved by " + moved);
    }

    /** Longer than a piece of a norm, with a rest: the norm is that of all of it. */
    @Test
    void normsOfAnyLengthAreBoundsAndHardlyAbove() {
        try (Machine machine = LawMachines.plain()) {
            ElementType type = isWide(machine) ? ElementType.DOUBLE : ElementType.FLOAT;
            for (int length : new int[] {1, 1023, 1024, 1025, 5000}) {
                float[] numbers = new float[length];
                Random random = new Random(length);
                double squares = 0;
                for (int k = 0; k < length; k++) {
                    numbers[k] = (float) random.nextGaussian();
                    squares += (double) numbers[k] * numbers[k];
                }
                try (VectorNorm norm = new VectorNorm(machine, type, 5000);
                        var vector = machine.allocate("vector", type, length)) {
                    if (type == ElementType.DOUBLE) {
                        machine.upload(wide(numbers), vector);
                    } else {
                        machine.upload(numbers, vector);
                    }
                    double excess = norm.read(vector) / Math.sqrt(squares) - 1;
                    assertTrue(
                            excess >= 0 && excess <= (isWide(machine) ? 1e-12 : 5e-6), length + " numbers: " + excess);
                }
            }
        }
    }

    private static double[] wide(float... numbers) {
        return IntStream.range(0, numbers.length).mapToDouble(k -> numbers[k]).toArray();
    }

    @Test
    void aLimitIsPositiveAndFinite() {
        for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused("the largest norm of a gradient must be > 0 and finite", () -> new GradientNormLimit(wrong));
        }
    }
}
