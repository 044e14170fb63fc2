package org.amend4j.ascent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TimeLimit;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every algorithm. */
class LearnersTest {

    private static final Task BANDIT =
            Task.of("bandit", () -> Processes.bandit(3).environment());
    private static final Task IDENTITY =
            Task.of("identity", () -> Processes.identity(3).environment());

    /** Uniform actions are worth 1/3; no policy is worth more than 1. */
    @ParameterizedTest
    @EnumSource(Learners.class)
    void solvesABandit(Learners learner) {
        Algorithm algorithm = learner.on(BANDIT, 1, 3, false, 1);
        new PolicyTraining(algorithm, StopRule.steps(learner == Learners.ACTOR_CRITIC ? 60_000 : 20_000)).run();
        assertTrue(score(algorithm, BANDIT) > 0.9, () -> "" + score(algorithm, BANDIT));
    }

    /** Episodes have 8 steps on average: uniform actions are worth 8/3, the best policy 8 with standard error 0.53. */
    @ParameterizedTest
    @EnumSource(Learners.class)
    void findsTheActionThatIsTheObservation(Learners learner) {
        Algorithm algorithm = learner.on(IDENTITY, 3, 3, false, 2);
        new PolicyTraining(algorithm, StopRule.steps(learner == Learners.ACTOR_CRITIC ? 300_000 : 60_000)).run();
        PolicyScores scores = PolicyScores.of(algorithm.policy(), IDENTITY, 200, false, 0.9, 1_000, 3);
        assertTrue(scores.mean() > 0.85 * scores.length(), () -> scores.mean() + " in " + scores.length() + " steps");
    }

    private static double score(Algorithm algorithm, Task task) {
        return PolicyScores.of(algorithm.policy(), task, 200, false, 0.9, 1_000, 3)
                .mean();
    }

    /** CartPole with a limit of 30 steps, so that episodes are running, terminate and are truncated between updates. */
    private static Algorithm interruptible(Learners learner, long seed) {
        Task task = Task.of("pole", () -> new TimeLimit(new CartPole(), 30));
        if (learner == Learners.GPOMDP) {
            return learner.on(Task.of("pole", CartPole::new), 4, 2, true, seed);
        }
        return learner.on(learner == Learners.ACTOR_CRITIC ? Task.of("pole", CartPole::new) : task, 4, 2, true, seed);
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    void interruptedAnywhereAndResumedIsUninterruptedToTheLastBit(Learners learner, @TempDir Path folder)
            throws IOException {
        int updates = 8;
        PolicyTraining whole = new PolicyTraining(
                interruptible(learner, 7), StopRule.steps(1_000_000).withWindow(5));
        List<UpdateRecord> records = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int update = 0; update < updates; update++) {
            Path file = folder.resolve(update + ".safetensors");
            TrainingCheckpoint.write(file, whole);
            files.add(file);
            records.add(oneUpdate(whole));
        }
        Path end = folder.resolve("end.safetensors");
        TrainingCheckpoint.write(end, whole);
        for (int update = 0; update < updates; update++) {
            PolicyTraining resumed = new PolicyTraining(
                    interruptible(learner, 7), StopRule.steps(1_000_000).withWindow(5));
            TrainingCheckpoint.resume(files.get(update), resumed);
            for (int next = update; next < updates; next++) {
                assertEquals(records.get(next), oneUpdate(resumed));
            }
            Path again = folder.resolve("again.safetensors");
            TrainingCheckpoint.write(again, resumed);
            assertArrayEquals(Files.readAllBytes(end), Files.readAllBytes(again));
        }
    }

    private static UpdateRecord oneUpdate(PolicyTraining training) {
        List<UpdateRecord> heard = new ArrayList<>();
        training.listen((record, speed) -> heard.add(record));
        training.update();
        return heard.get(0);
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    void anotherSeedIsAnotherRun(Learners learner) {
        Algorithm one = interruptible(learner, 7);
        Algorithm other = interruptible(learner, 8);
        one.update();
        other.update();
        assertNotEquals(one.policy().parameters()[0], other.policy().parameters()[0]);
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    void saysWhatItsOptionsDoToTheGuarantee(Learners learner) {
        List<String> effects = interruptible(learner, 7).effects();
        assertFalse(effects.isEmpty());
        boolean theory = learner == Learners.GPOMDP || learner == Learners.ACTOR_CRITIC;
        assertEquals(
                !theory, effects.stream().anyMatch(sentence -> sentence.contains("(practice)")), effects::toString);
    }

    @Test
    void stopsAtTheWantedReturnAndKeepsTheBest() {
        PolicyTraining training = new PolicyTraining(
                Learners.REINFORCE.on(BANDIT, 1, 3, false, 1),
                StopRule.steps(1_000_000).orReturn(0.95));
        assertEquals(TrainingEnd.RETURN, training.run());
        assertTrue(training.bestReturn().orElseThrow() >= 0.95);
        double[] last = training.algorithm().policy().parameters();
        training.useBest();
        assertArrayEquals(last, training.algorithm().policy().parameters(), 0);
    }

    @Test
    void anInterruptedThreadStopsBetweenUpdatesWithACheckpoint(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        PolicyTraining training = new PolicyTraining(Learners.PPO.on(BANDIT, 1, 3, false, 1), StopRule.steps(100_000));
        training.listen((record, speed) -> {
            if (record.update() == 3) {
                Thread.currentThread().interrupt();
            }
        });
        assertEquals(TrainingEnd.INTERRUPTED, training.run(file, 1_000));
        assertTrue(Thread.interrupted());
        PolicyTraining resumed = new PolicyTraining(Learners.PPO.on(BANDIT, 1, 3, false, 1), StopRule.steps(100_000));
        TrainingCheckpoint.resume(file, resumed);
        assertEquals(3, resumed.algorithm().updates());
    }

    @Test
    void aCheckpointOfAnotherRunIsRefusedAndNothingChanges(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        TrainingCheckpoint.write(file, training(Learners.PPO.on(BANDIT, 1, 3, false, 1)));
        assertRefused(
                file,
                Learners.PPO.on(Task.of("other", () -> Processes.bandit(3).environment()), 1, 3, false, 1),
                "a run can only be resumed with its own environment, 'bandit', got 'other'");
        assertRefused(
                file,
                Learners.PPO.on(BANDIT, 1, 3, false, 2),
                "a run can only be resumed with its own seed, '1', got '2'");
        assertRefused(
                file,
                Learners.A2C.on(BANDIT, 1, 3, false, 1),
                "a run can only be resumed with its own algorithm, 'ppo");
        assertRefused(
                file,
                Learners.PPO.on(Task.of("bandit", () -> Processes.bandit(4).environment()), 1, 4, false, 1),
                "a run can only be resumed with its own policy, '1 inputs, 4 outputs");
    }

    private static PolicyTraining training(Algorithm algorithm) {
        return new PolicyTraining(algorithm, StopRule.steps(1_000));
    }

    private static void assertRefused(Path file, Algorithm other, String sentence) {
        double[] before = other.policy().parameters();
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> TrainingCheckpoint.resume(file, training(other)));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(sentence), refused.getMessage());
        assertArrayEquals(before, other.policy().parameters(), 0);
    }

    @Test
    void everyDamagedByteOfACheckpointIsNoticed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        TrainingCheckpoint.write(file, training(Learners.REINFORCE.on(BANDIT, 1, 3, false, 1)));
        byte[] bytes = Files.readAllBytes(file);
        Path damaged = folder.resolve("damaged.safetensors");
        for (int at = 0; at < bytes.length; at += 7) {
            byte[] changed = bytes.clone();
            changed[at] ^= 0x10;
            Files.write(damaged, changed);
            Algorithm other = Learners.REINFORCE.on(BANDIT, 1, 3, false, 1);
            assertThrows(IOException.class, () -> TrainingCheckpoint.resume(damaged, training(other)), "byte " + at);
        }
    }
}
