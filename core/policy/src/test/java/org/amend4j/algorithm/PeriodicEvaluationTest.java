/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeriodicEvaluationTest {

    private static final long SEED = 7;
    private static final int UPDATES = 6;

    /** CartPole with a limit of 30 steps: returns differ, episodes run on between updates. */
    private static final Task POLE = Task.of("pole", () -> new TimeLimit(new CartPole(), 30));

    private static Algorithm algorithm(Learners learner) {
        boolean limited = learner != Learners.GPOMDP && learner != Learners.ACTOR_CRITIC;
        return learner.on(limited ? POLE : Task.of("pole", CartPole::new), 4, 2, true, SEED);
    }

    private static PolicyTraining training(Learners learner) {
        return new PolicyTraining(algorithm(learner), StopRule.steps(1_000_000).withWindow(5));
    }

    /** Due after about every second update. */
    private static PeriodicEvaluation evaluation(Learners learner) {
        try (Algorithm one = algorithm(learner)) {
            long steps = one.update().steps();
            return new PeriodicEvaluation(
                    PeriodicEvaluation.Config.every(2 * steps - 1).withEpisodes(4), POLE, SEED);
        }
    }

    /** Runs until there were so many updates; as when an interrupt comes in the last of them. */
    private static void runTo(PolicyTraining training, int updates) {
        boolean[] listening = {true};
        training.listen((record, speed) -> {
            if (listening[0] && record.update() >= updates) {
                listening[0] = false;
                Thread.currentThread().interrupt();
            }
        });
        assertEquals(TrainingEnd.INTERRUPTED, training.run());
        assertTrue(Thread.interrupted());
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    void trainingHasTheSameBitsWithAndWithout(Learners learner) {
        PolicyTraining plain = training(learner);
        List<UpdateRecord> without = new ArrayList<>();
        plain.listen((record, speed) -> without.add(record));
        runTo(plain, UPDATES);
        PolicyTraining evaluated = training(learner).evaluatedBy(evaluation(learner));
        List<UpdateRecord> with = new ArrayList<>();
        evaluated.listen((record, speed) -> with.add(record));
        runTo(evaluated, UPDATES);

        assertTrue(evaluated.evaluation().orElseThrow().results().size() > 2);
        assertEquals(without, with);
        TrainingState state = evaluated.state();
        plain.state().numbers().forEach((name, numbers) -> assertArrayEquals(numbers, state.get(name), name));
        plain.state()
                .integers()
                .forEach((name, numbers) -> assertArrayEquals(numbers, state.getIntegers(name, numbers.length), name));
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    @OneIn(2)
    void interruptedAnywhereAndResumedHasTheSameCurveAndBest(Learners learner, @TempDir Path folder)
            throws IOException {
        PolicyTraining whole = training(learner).evaluatedBy(evaluation(learner));
        runTo(whole, UPDATES);
        Path end = folder.resolve("end.safetensors");
        TrainingCheckpoint.write(end, whole);
        for (int update = 1; update < UPDATES; update++) {
            PolicyTraining first = training(learner).evaluatedBy(evaluation(learner));
            runTo(first, update); // where an evaluation is due now, it is the next run's
            Path file = folder.resolve("part.safetensors");
            TrainingCheckpoint.write(file, first);
            PolicyTraining second = training(learner).evaluatedBy(evaluation(learner));
            TrainingCheckpoint.resume(file, second);
            runTo(second, UPDATES);
            Path again = folder.resolve("again.safetensors");
            TrainingCheckpoint.write(again, second);
            assertArrayEquals(Files.readAllBytes(end), Files.readAllBytes(again), "after update " + update);
        }
    }

    @Test
    void theBestIsTheFirstOfTheGreatestAndIsGivenBackAsItWas() {
        Algorithm algorithm = algorithm(Learners.REINFORCE);
        PeriodicEvaluation evaluation =
                new PeriodicEvaluation(PeriodicEvaluation.Config.every(1).withEpisodes(3), POLE, SEED);
        List<double[]> parameters = new ArrayList<>();
        List<double[]> statistics = new ArrayList<>();
        List<Integer> best = new ArrayList<>();
        evaluation.listen((result, better) -> {
            parameters.add(algorithm.policy().parameters());
            statistics.add(algorithm.policy().encoder().statistics());
            if (better) {
                best.add(parameters.size() - 1);
            }
        });
        PolicyTraining training = new PolicyTraining(algorithm, StopRule.steps(1_000_000)).evaluatedBy(evaluation);
        assertThrows(IllegalStateException.class, () -> evaluation.useBest(algorithm.policy()));
        runTo(training, 30);

        List<PeriodicEvaluation.Result> results = evaluation.results();
        assertEquals(0, results.get(0).update());
        int first = 0;
        for (int i = 0; i < results.size(); i++) {
            first = results.get(i).mean() > results.get(first).mean() ? i : first;
        }
        double greatest = results.get(first).mean();
        assertTrue(
                results.stream().filter(result -> result.mean() == greatest).count() > 1,
                "the limit of 30 steps is reached more than once, or the test says nothing about ties: " + results);
        assertEquals(results.get(first), evaluation.best().orElseThrow());
        assertEquals(first, best.get(best.size() - 1));
        evaluation.useBest(algorithm.policy());
        assertArrayEquals(parameters.get(first), algorithm.policy().parameters());
        assertArrayEquals(statistics.get(first), algorithm.policy().encoder().statistics());
    }

    @Test
    void theLastPolicyIsEvaluatedOnceAtTheEnd() {
        PolicyTraining training = new PolicyTraining(algorithm(Learners.PPO), StopRule.steps(1_000))
                .evaluatedBy(evaluation(Learners.PPO));
        assertEquals(TrainingEnd.STEPS, training.run());
        List<PeriodicEvaluation.Result> results =
                training.evaluation().orElseThrow().results();
        assertEquals(
                training.algorithm().updates(), results.get(results.size() - 1).update());
        assertEquals(TrainingEnd.STEPS, training.run());
        assertEquals(results, training.evaluation().orElseThrow().results());
    }

    /** One step long; its first observation is the seed's last bit, its reward the action. Counts those that are open. */
    private static final class Counted implements Environment {

        private static final AtomicInteger OPEN = new AtomicInteger();

        Counted() {
            OPEN.incrementAndGet();
        }

        @Override
        public Space observationSpace() {
            return Space.Box.symmetric(9, 9, 9, 9);
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(2);
        }

        @Override
        public double[] reset(long seed) {
            return new double[] {seed & 1, 0, 0, 0};
        }

        @Override
        public StepResult step(double... action) {
            return new StepResult(new double[4], action[0], true, false);
        }

        @Override
        public void close() {
            OPEN.decrementAndGet();
        }
    }

    @Test
    void environmentsAreItsOwnAndClosedWithTheTraining() {
        Task counted = Task.of("counted", Counted::new);
        Algorithm algorithm = Learners.REINFORCE.on(counted, 4, 2, true, SEED);
        int training = Counted.OPEN.get();
        PolicyTraining whole = new PolicyTraining(algorithm, StopRule.steps(100))
                .evaluatedBy(new PeriodicEvaluation(
                        PeriodicEvaluation.Config.every(10).withEpisodes(3).withGreedyActions(), counted, SEED));
        assertEquals(training + 3, Counted.OPEN.get());
        whole.run();
        whole.close();
        assertEquals(0, Counted.OPEN.get());
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingChanges() {
        PolicyTraining evaluated = training(Learners.PPO).evaluatedBy(evaluation(Learners.PPO));
        runTo(evaluated, 2);
        TrainingState with = evaluated.state();
        PolicyTraining plain = training(Learners.PPO);
        runTo(plain, 2);
        assertRefused(plain, with, "can only be resumed with it, got none");
        assertRefused(evaluated, plain.state(), "if it began with one");
        PolicyTraining other = training(Learners.PPO)
                .evaluatedBy(new PeriodicEvaluation(PeriodicEvaluation.Config.every(99), POLE, SEED));
        assertRefused(other, with, "4 episodes with drawn actions every");
        assertThrows(IllegalStateException.class, () -> other.evaluatedBy(evaluation(Learners.PPO)));
        Task bandit = Task.of("bandit", () -> Processes.bandit(3).environment());
        PeriodicEvaluation elsewhere = new PeriodicEvaluation(PeriodicEvaluation.Config.every(9), bandit, SEED);
        assertThrows(
                IllegalArgumentException.class, () -> training(Learners.PPO).evaluatedBy(elsewhere));
        assertThrows(IllegalArgumentException.class, () -> PeriodicEvaluation.Config.every(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> PeriodicEvaluation.Config.every(1).withEpisodes(0));
    }

    private static void assertRefused(PolicyTraining training, TrainingState state, String part) {
        Policy policy = training.algorithm().policy();
        double[] before = policy.parameters();
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> training.restore(state));
        assertTrue(String.valueOf(refused.getMessage()).contains(part), refused.getMessage());
        assertArrayEquals(before, policy.parameters());
    }

    @Test
    void speedIsAllStepsByAllTimeAndIsNothingBeforeTheFirst() {
        PolicyTraining training = training(Learners.A2C);
        assertEquals(0, training.stepsPerSecond());
        double[] said = new double[1];
        training.listen((record, speed) -> said[0] = speed);
        long start = System.nanoTime();
        runTo(training, 5);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(training.seconds() > 0 && training.seconds() <= seconds, training.seconds() + " of " + seconds);
        assertEquals(said[0], training.stepsPerSecond());
        assertEquals(training.algorithm().steps() / training.seconds(), training.stepsPerSecond(), 1e-9 * said[0]);
        assertFalse(Double.isNaN(said[0]));
    }
}
