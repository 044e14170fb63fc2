/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Line;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a run does besides descending. */
class GradientDescentTest {

    private static final FactorProblem PROBLEM = Problems.DEEP_COSINES.of(new Random(1), 0);
    private static final double[] START = PROBLEM.start(new Random(2), 0.8);

    static Stream<StepRule> rules() {
        Smoothness known = Smoothness.proved(PROBLEM.lipschitz());
        return Stream.of(
                new StepRule.Constant(0.01),
                new StepRule.ClosedForm(known),
                StepRule.ExactStep.of(known),
                StepRule.Armijo.of(1),
                StepRule.Armijo.of(0.001).withSmoothness(known),
                new StepRule.MuKlabjan(known),
                new StepRule.Adapt(0.5),
                new StepRule.Adapt2(0.5),
                new StepRule.Norm(0.01));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aRunResumedFromAnyCheckpointEndsAtTheSameBits(StepRule rule) throws IOException {
        DescentOptions options = DescentOptions.of(24).withCheckpoints(CheckpointSchedule.every(1));
        MemoryTrajectoryStore whole = new MemoryTrajectoryStore();
        DescentResult straight = new GradientDescent(PROBLEM, rule, options).run(START, whole);
        assertEquals(DescentStatus.STEPS_DONE, straight.status());
        for (int step : whole.checkpoints()) {
            requireSame(straight, new GradientDescent(PROBLEM, rule, options).run(START, upTo(whole, step)));
        }
    }

    /** A store as a crash right after a checkpoint leaves it. */
    private static MemoryTrajectoryStore upTo(MemoryTrajectoryStore whole, int step) throws IOException {
        MemoryTrajectoryStore part = new MemoryTrajectoryStore();
        part.keep(whole.read(0));
        whole.records(step).forEach(part::append);
        if (step > 0) {
            part.keep(whole.read(step));
        }
        return part;
    }

    private static void requireSame(DescentResult expected, DescentResult actual) {
        assertEquals(expected.status(), actual.status());
        assertArrayEquals(expected.last().theta(), actual.last().theta());
        assertEquals(expected.last().step(), actual.last().step());
        assertEquals(expected.last().previousStepSize(), actual.last().previousStepSize());
        assertEquals(expected.loss(), actual.loss());
        assertEquals(expected.gradientNorm(), actual.gradientNorm());
        assertEquals(expected.records(), actual.records());
        assertEquals(expected.promises(), actual.promises());
        assertEquals(expected.guarantee(), actual.guarantee());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void nothingIsComputedTwiceAndTheRecordsAreTheSteps(StepRule rule) {
        Counting counting = new Counting(PROBLEM);
        List<StepRecord> observed = new ArrayList<>();
        double[] start = START.clone();
        DescentResult result =
                new GradientDescent(counting, rule, DescentOptions.of(30).withObserver(observed::add)).run(start);
        assertArrayEquals(START, start);
        assertEquals(31, counting.gradients);
        assertEquals(result.records().stream().mapToInt(StepRecord::evaluations).sum(), counting.values);
        assertEquals(result.records(), observed);

        double[] theta = START.clone();
        double[] gradient = new double[theta.length];
        for (StepRecord record : result.records()) {
            assertEquals(PROBLEM.valueAndGradient(theta, gradient), record.loss());
            assertEquals(Vectors.compensatedNorm(gradient), record.gradientNorm());
            assertEquals(ParameterLayout.of(PROBLEM).adapterNorm(theta), record.adapterNorm());
            assertEquals(rule.c().isPresent(), record.hasPromise());
            theta = Situations.moved(theta, record.stepSize(), gradient);
            assertEquals(PROBLEM.value(theta), record.nextLoss());
        }
        assertArrayEquals(theta, result.last().theta());
    }

    @Test
    void checkpointsAreTheStartTheScheduleAndTheEnd() throws IOException {
        MemoryTrajectoryStore store = new MemoryTrajectoryStore();
        StepRule rule = new StepRule.Constant(0.01);
        DescentOptions ten = DescentOptions.of(10).withCheckpoints(CheckpointSchedule.every(4));
        new GradientDescent(PROBLEM, rule, ten).run(START, store);
        assertEquals(Set.of(0, 4, 8, 10), store.checkpoints());
        // going on with more steps
        new GradientDescent(PROBLEM, rule, DescentOptions.of(13).withCheckpoints(CheckpointSchedule.at(11)))
                .run(START, store);
        assertEquals(Set.of(0, 4, 8, 10, 11, 13), store.checkpoints());
    }

    @Test
    void anInterruptedRunFinishesItsStepKeepsACheckpointAndCanGoOn() throws IOException {
        StepRule rule = StepRule.Armijo.of(1);
        MemoryTrajectoryStore store = new MemoryTrajectoryStore();
        DescentOptions interrupting = DescentOptions.of(20).withObserver(record -> {
            if (record.step() == 6) {
                Thread.currentThread().interrupt();
            }
        });
        DescentResult stopped = new GradientDescent(PROBLEM, rule, interrupting).run(START, store);
        assertTrue(Thread.interrupted(), "the thread must stay interrupted");
        assertEquals(DescentStatus.INTERRUPTED, stopped.status());
        assertEquals(7, stopped.last().step());
        assertEquals(Set.of(0, 7), store.checkpoints());

        DescentResult resumed = new GradientDescent(PROBLEM, rule, DescentOptions.of(20)).run(START, store);
        requireSame(new GradientDescent(PROBLEM, rule, DescentOptions.of(20)).run(START), resumed);
    }

    @Test
    void anInterruptDuringAnEvaluationEndsTheRunAfterThatStep() {
        Counting counting = new Counting(PROBLEM);
        counting.interruptAt = 4;
        DescentResult stopped =
                new GradientDescent(counting, new StepRule.Constant(0.01), DescentOptions.of(20)).run(START);
        assertTrue(Thread.interrupted(), "the thread must stay interrupted");
        assertEquals(DescentStatus.INTERRUPTED, stopped.status());
        assertEquals(3, stopped.last().step());
    }

    @Test
    void aRunThatLeavesTheFiniteNumbersEndsWithASentenceAndKeepsWhatWasBefore() throws IOException {
        SmoothLoss loss = new SmoothLoss.Quadratic(1, new double[] {1});
        FactorProblem problem = new FactorProblem(loss, List.of(new FactorProblem.Layer(1, 1, 1, 1)), new double[1], 0);
        MemoryTrajectoryStore store = new MemoryTrajectoryStore();
        DescentOptions options = DescentOptions.of(100).withCheckpoints(CheckpointSchedule.every(2));
        GradientDescent descent = new GradientDescent(problem, new StepRule.Constant(10), options);
        ArithmeticException e = assertThrows(ArithmeticException.class, () -> descent.run(new double[] {3, 2}, store));
        assertTrue(
                e.getMessage()
                        .matches("the (loss|norm of the gradient) must be finite, got (Infinity|NaN) "
                                + "\\(after [0-9]+ steps, rule 'constant', last step size 10.0\\)"),
                e.getMessage());
        int kept = store.checkpoints().last();
        assertTrue(kept >= 2);
        assertTrue(store.records(kept).stream().allMatch(record -> Double.isFinite(record.nextLoss())));
    }

    @Test
    void aStepThatIsNotANumberEndsTheRunWithASentence() {
        Line line = new Line(x -> -1 - x * x, x -> -2 * x);
        GradientDescent descent = new GradientDescent(line, new StepRule.Adapt2(1), DescentOptions.of(1));
        ArithmeticException e = assertThrows(ArithmeticException.class, () -> descent.run(new double[] {1}));
        assertEquals(
                "the step size must be > 0 and finite, got NaN (after 0 steps, rule 'adapt2', loss -2.0, gradient norm 2.0)",
                e.getMessage());
    }

    @Test
    void backtrackingRejectsStepsOutOfTheDomain() {
        // -log(1 - x²) is NaN for |x| > 1 and infinite at 1
        Line line = new Line(x -> -Math.log(1 - x * x), x -> 2 * x / (1 - x * x));
        DescentResult result = new GradientDescent(
                        line, StepRule.Armijo.of(1024), DescentOptions.of(50).withStopAtGradientNorm(1e-6))
                .run(new double[] {0.9});
        assertTrue(result.promises().kept());
        assertEquals(DescentStatus.STATIONARY, result.status());
        assertTrue(result.records().get(0).evaluations() > 5);
    }

    @Test
    void backtrackingStallsWhereItsPromiseDrownsInRounding() {
        // the least value is 1: steps of a decrease below 7.2e-15 cannot be told from rounding
        Line line = new Line(x -> 1 + x * x, x -> 2 * x);
        DescentResult result =
                new GradientDescent(line, StepRule.Armijo.of(0.3), DescentOptions.of(10_000)).run(new double[] {1});
        assertEquals(DescentStatus.STALLED, result.status());
        assertTrue(result.promises().kept());
        // x² < 7.2e-15/(0.25·η·4), and no accepted η is below 0.3
        assertTrue(result.loss() - 1 < 7.2e-15 / 0.3, result.loss() + "");
    }

    /** J = (0.02·x - 1)²/2, rounded to single precision: L is 4e-4, and the decrease of a step of 1 drowns. */
    @Test
    void backtrackingLengthensAFirstStepThatDrowns() {
        double small = 0.02;
        Line line = new Line(
                x -> (float) ((small * x - 1) * (small * x - 1) / 2 + 1000),
                x -> small * (small * x - 1),
                Precision.FLOAT);
        DescentResult result =
                new GradientDescent(line, StepRule.Armijo.of(1), DescentOptions.of(500)).run(new double[] {0});
        assertTrue(result.promises().kept());
        assertTrue(result.last().step() > 0, "it moved");
        StepRule known = StepRule.Armijo.of(1e-9);
        DescentResult inDouble = new GradientDescent(
                        new Line(x -> (small * x - 1) * (small * x - 1) / 2, x -> small * (small * x - 1)),
                        known,
                        DescentOptions.of(500))
                .run(new double[] {0});
        assertTrue(inDouble.loss() < 1e-12, inDouble.loss() + "");
    }

    @Test
    void backtrackingAgainstAWrongGradientStallsInsteadOfLooping() {
        Line uphill = new Line(x -> x, x -> -1);
        DescentResult result =
                new GradientDescent(uphill, StepRule.Armijo.of(1), DescentOptions.of(5)).run(new double[] {0});
        assertEquals(DescentStatus.STALLED, result.status());
        assertEquals(0, result.last().step());
    }

    @Test
    void aPointWithoutGradientIsStationaryAtOnce() {
        DescentResult result = new GradientDescent(
                        new Line(x -> x * x, x -> 2 * x), new StepRule.Constant(1), DescentOptions.of(5))
                .run(new double[] {0});
        assertEquals(DescentStatus.STATIONARY, result.status());
        assertEquals(List.of(), result.records());
    }

    @Test
    void rulesSayWhatTheirPromisesRestOn() {
        assertEquals("guaranteed (L proved)", new StepRule.ClosedForm(Smoothness.proved(2)).guarantee());
        assertEquals(
                "guaranteed (L enforced)",
                StepRule.ExactStep.of(new Smoothness(2, 0, Assurance.ENFORCED)).guarantee());
        assertEquals(
                "guaranteed if L = 2.0 holds (assumed)", new StepRule.MuKlabjan(Smoothness.assumed(2)).guarantee());
        assertEquals(
                "heuristic (L = 2.0 is only estimated)",
                new StepRule.ClosedForm(new Smoothness(2, 0, Assurance.ESTIMATED)).guarantee());
        assertEquals("guaranteed (every step checked)", StepRule.Armijo.of(1).guarantee());
        assertEquals("heuristic", new StepRule.Norm(1).guarantee());
        assertEquals(
                List.of(
                        "constant",
                        "closed-form",
                        "exact",
                        "armijo",
                        "armijo",
                        "mu-klabjan",
                        "adapt",
                        "adapt2",
                        "norm"),
                rules().map(StepRule::name).toList());
    }

    @Test
    void rulesRefuseWhatTheyWereNotMeantFor() {
        FactorProblem decayed = Problems.COSINES.of(new Random(1), 0.1);
        Smoothness known = Smoothness.proved(1);
        DescentOptions one = DescentOptions.of(1);
        Sentences.requireSentence(
                "the rule 'closed-form' does not cover weight decay, got 0.1: use 'exact' or 'armijo'",
                () -> new GradientDescent(decayed, new StepRule.ClosedForm(known), one));
        Sentences.requireSentence(
                "the rule 'mu-klabjan' does not cover weight decay, got 0.1: use 'exact' or 'armijo'",
                () -> new GradientDescent(decayed, new StepRule.MuKlabjan(known), one));
        Sentences.requireSentence(
                "the rule 'adapt' needs at least one adapter, got none",
                () -> new GradientDescent(new Line(x -> x, x -> 1), new StepRule.Adapt(1), one));
    }

    @Test
    void aStoreOnlyServesTheRunThatFilledIt() throws IOException {
        MemoryTrajectoryStore store = new MemoryTrajectoryStore();
        StepRule rule = new StepRule.Constant(0.01);
        new GradientDescent(PROBLEM, rule, DescentOptions.of(5)).run(START, store);
        GradientDescent longer = new GradientDescent(PROBLEM, rule, DescentOptions.of(6));
        double[] other = START.clone();
        other[3] = Math.nextUp(other[3]);
        Sentences.requireSentence(
                "the start must be the one that the store's run had, got another element 3",
                () -> unchecked(longer, other, store));
        Sentences.requireSentence(
                "the number of steps must be >= 5, those that the store's run has made, got 4",
                () -> unchecked(new GradientDescent(PROBLEM, rule, DescentOptions.of(4)), START, store));
        Sentences.requireSentence(
                "the start must have " + START.length + " elements, got 1",
                () -> unchecked(longer, new double[1], store));
        FactorProblem another = Problems.DEEP_COSINES.of(new Random(7), 0);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new GradientDescent(another, rule, DescentOptions.of(6)).run(START, store))
                .getMessage();
        assertTrue(
                message.startsWith("a run must be resumed on the objective it was started on, got the loss "), message);
        MemoryTrajectoryStore headless = new MemoryTrajectoryStore();
        store.records(5).forEach(headless::append);
        headless.keep(store.read(5));
        Sentences.requireSentence(
                "a store must hold the start of its run, got checkpoints [5] without step 0",
                () -> unchecked(longer, START, headless));
    }

    private static void unchecked(GradientDescent descent, double[] start, TrajectoryStore store) {
        try {
            descent.run(start, store);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void adaptersMustNotOverlapNorLeaveTheVector() {
        AdapterBlock one = new AdapterBlock("one", 0, 2, 1, 2, 2, 1);
        AdapterBlock two = new AdapterBlock("two", 3, 2, 1, 5, 2, 1);
        DescentOptions options = DescentOptions.of(1);
        Sentences.requireSentence(
                "adapters must not overlap and must fit in 7 parameters, got [3, 5) (A of 'two')",
                () -> new GradientDescent(new Blocks(List.of(one, two), 7), new StepRule.Constant(1), options)
                        .run(new double[7]));
        Sentences.requireSentence(
                "adapters must not overlap and must fit in 3 parameters, got [2, 4) (B of 'one')",
                () -> new GradientDescent(new Blocks(List.of(one), 3), new StepRule.Constant(1), options)
                        .run(new double[3]));
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        Smoothness known = Smoothness.proved(1);
        Sentences.requireSentence(
                "L, the Lipschitz constant of the loss's gradient, must be > 0 and finite, got 0.0",
                () -> Smoothness.proved(0));
        Sentences.requireSentence(
                "the lower bound of the loss must be finite, got -Infinity",
                () -> new Smoothness(1, Double.NEGATIVE_INFINITY, Assurance.PROVED));
        Sentences.requireSentence(
                "the constant step must be > 0 and finite, got NaN", () -> new StepRule.Constant(Double.NaN));
        Sentences.requireSentence(
                "c of the exact step must be in (0, 1), got 1.0", () -> new StepRule.ExactStep(known, 1));
        Sentences.requireSentence(
                "c of the backtracking must be in (0, 1), got 0.0", () -> new StepRule.Armijo(0, 1, Optional.empty()));
        Sentences.requireSentence(
                "the first step of the backtracking must be > 0 and finite, got -1.0", () -> StepRule.Armijo.of(-1));
        Sentences.requireSentence("alpha of adapt must be > 0 and finite, got 0.0", () -> new StepRule.Adapt(0));
        Sentences.requireSentence("alpha of adapt2 must be > 0 and finite, got 0.0", () -> new StepRule.Adapt2(0));
        Sentences.requireSentence("alpha of norm must be > 0 and finite, got 0.0", () -> new StepRule.Norm(0));
        Sentences.requireSentence("the number of steps must be >= 0, got -1", () -> DescentOptions.of(-1));
        Sentences.requireSentence(
                "the gradient norm to stop at must be >= 0 and finite, got NaN",
                () -> DescentOptions.of(1).withStopAtGradientNorm(Double.NaN));
        Sentences.requireSentence("the distance of checkpoints must be >= 1, got 0", () -> CheckpointSchedule.every(0));
        Sentences.requireSentence(
                "the factor of geometric checkpoints must be > 1 and finite, got 1.0",
                () -> CheckpointSchedule.geometric(1));
        Sentences.requireSentence("the step of a checkpoint must be >= 1, got 0", () -> CheckpointSchedule.at(0));
    }

    /** Adapters without a function. */
    private record Blocks(List<AdapterBlock> adapters, int dimension) implements LowRankObjective {

        @Override
        public double weightDecay() {
            return 0;
        }

        @Override
        public double value(double[] theta) {
            return 0;
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            return 0;
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient, double[] norms) {
            return 0;
        }

        @Override
        public Precision precision() {
            return Precision.DOUBLE;
        }

        @Override
        public String fingerprint() {
            return "blocks";
        }
    }

    /** Counts what is asked of a problem. */
    private static final class Counting implements LowRankObjective {

        private final FactorProblem problem;
        private int values;
        private int gradients;
        private int interruptAt = -1;

        Counting(FactorProblem problem) {
            this.problem = problem;
        }

        @Override
        public List<AdapterBlock> adapters() {
            return problem.adapters();
        }

        @Override
        public double weightDecay() {
            return problem.weightDecay();
        }

        @Override
        public int dimension() {
            return problem.dimension();
        }

        @Override
        public double value(double[] theta) {
            values++;
            return problem.value(theta);
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            return valueAndGradient(theta, gradient, new double[adapters().size()]);
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient, double[] norms) {
            gradients++;
            if (gradients == interruptAt) {
                Thread.currentThread().interrupt();
            }
            return problem.valueAndGradient(theta, gradient, norms);
        }

        @Override
        public Precision precision() {
            return problem.precision();
        }

        @Override
        public String fingerprint() {
            return problem.fingerprint();
        }
    }
}
