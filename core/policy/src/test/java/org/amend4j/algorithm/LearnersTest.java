/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TimeLimit;
import org.amend4j.exact.LogitMap;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
    @OneIn(2)
    void solvesABandit(Learners learner) {
        Algorithm algorithm = learner.on(BANDIT, 1, 3, false, 1);
        new PolicyTraining(algorithm, StopRule.steps(learner == Learners.ACTOR_CRITIC ? 60_000 : 20_000)).run();
        assertTrue(score(algorithm, BANDIT) > 0.9, () -> "" + score(algorithm, BANDIT));
    }

    /** Episodes have 8 steps on average: uniform actions are worth 8/3, the best policy 8 with standard error 0.53. */
    @OneIn(4)
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
    @OneIn(2)
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

    /** The twin of the law above: whatever a checkpoint holds, a run that goes on without it is another run. */
    @ParameterizedTest
    @EnumSource(Learners.class)
    void everyArrayOfTheStateMatters(Learners learner) {
        PolicyTraining whole = training(interruptible(learner, 7));
        oneUpdate(whole);
        oneUpdate(whole);
        TrainingState state = whole.state();
        oneUpdate(whole);
        for (String name : state.numbers().keySet()) {
            if (state.numbers().get(name).length == 0 || name.startsWith("training.best")) {
                continue; // the best so far only is what it is
            }
            TrainingState changed = new TrainingState();
            state.numbers().forEach((key, values) -> changed.put(key, key.equals(name) ? other(values) : values));
            state.integers().forEach(changed::putIntegers);
            PolicyTraining resumed = training(interruptible(learner, 7));
            boolean another;
            try {
                resumed.restore(changed);
                oneUpdate(resumed);
                another = !same(whole.state(), resumed.state());
            } catch (IllegalArgumentException refused) {
                another = true;
            }
            assertTrue(another, name);
        }
    }

    /** A state that is refused late, when much of it has been taken over: its parameters are not finite. */
    @ParameterizedTest
    @EnumSource(Learners.class)
    void aRefusedStateChangesNothing(Learners learner) {
        PolicyTraining training = training(interruptible(learner, 7));
        oneUpdate(training);
        TrainingState before = training.state();
        oneUpdate(training);
        TrainingState later = training.state();
        training.restore(before);
        TrainingState notFinite = new TrainingState();
        later.numbers()
                .forEach((key, values) ->
                        notFinite.put(key, key.equals("policy.parameters") ? notNumbers(values.length) : values));
        later.integers().forEach(notFinite::putIntegers);
        assertThrows(IllegalArgumentException.class, () -> training.restore(notFinite));
        assertTrue(same(before, training.state()));
    }

    private static double[] notNumbers(int length) {
        double[] numbers = new double[length];
        Arrays.fill(numbers, Double.NaN);
        return numbers;
    }

    private static double[] other(double[] values) {
        double[] changed = values.clone();
        for (int i = 0; i < changed.length; i++) {
            changed[i] = changed[i] == 0 ? 0.5 : 1.01 * changed[i];
        }
        return changed;
    }

    private static boolean same(TrainingState one, TrainingState other) {
        return one.numbers().keySet().stream()
                        .allMatch(name -> Arrays.equals(
                                one.numbers().get(name), other.numbers().get(name)))
                && one.integers().keySet().stream()
                        .allMatch(name -> Arrays.equals(
                                one.integers().get(name), other.integers().get(name)));
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
    void theoryModeRefusesFloatAndCriticsNeedAValueOutput() {
        LogitNetwork single = new LogitNetwork(new LogitMap.Table(1, 3), new double[3]) {
            @Override
            public Precision precision() {
                return Precision.FLOAT;
            }
        };
        Policy policy = new Policy(single, new Categorical(3), new ObservationEncoder.OneHot(1));
        Gpomdp.Config gpomdp = Gpomdp.Config.of(Processes.horizon(0.9, 5), new StepSize.Constant(1));
        ActorCritic.Config actorCritic = ActorCritic.Config.of(
                0.9, ActorCritic.Critic.of(new ActionValue.PerAction(1, 3), 5), new StepSize.Constant(1));
        for (AlgorithmConfig config : List.of(gpomdp, actorCritic)) {
            assertEquals(
                    "theory mode needs a policy that computes in DOUBLE, got FLOAT",
                    assertThrows(IllegalArgumentException.class, () -> config.begin(BANDIT, policy, 1))
                            .getMessage());
        }
        for (AlgorithmConfig config : List.of(A2c.Config.DEFAULT, Ppo.Config.DEFAULT)) {
            assertTrue(config.needsValue());
            assertEquals(
                    "a critic needs a policy with a value output, got a network of 3 outputs for Categorical[count=3]",
                    assertThrows(IllegalArgumentException.class, () -> config.begin(BANDIT, policy, 1))
                            .getMessage());
        }
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
        assertEquals(TrainingEnd.INTERRUPTED, training.run(file, CheckpointRule.everyUpdates(1_000)));
        assertTrue(Thread.interrupted());
        PolicyTraining resumed = new PolicyTraining(Learners.PPO.on(BANDIT, 1, 3, false, 1), StopRule.steps(100_000));
        TrainingCheckpoint.resume(file, resumed);
        assertEquals(3, resumed.algorithm().updates());
    }

    @Test
    void checkpointsComeByUpdatesOrByTheClockAndChangeNothing(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        assertEquals(List.of(2L, 4L), checkpoints(file, CheckpointRule.everyUpdates(2)));
        byte[] last = Files.readAllBytes(file);
        assertEquals(List.of(1L, 2L, 3L, 4L), checkpoints(file, CheckpointRule.apart(Duration.ZERO)));
        assertArrayEquals(last, Files.readAllBytes(file));
        assertEquals(List.of(), checkpoints(file, CheckpointRule.apart(Duration.ofDays(1))));
        assertArrayEquals(last, Files.readAllBytes(file));
        assertEquals(
                "time between checkpoints must be >= 0, got PT-1S",
                assertThrows(IllegalArgumentException.class, () -> CheckpointRule.apart(Duration.ofSeconds(-1)))
                        .getMessage());
    }

    /** After which of the first updates of five there was one. */
    private static List<Long> checkpoints(Path file, CheckpointRule rule) throws IOException {
        List<Long> kept = new ArrayList<>();
        Algorithm algorithm = Learners.PPO.on(BANDIT, 1, 3, false, 1);
        long batch = algorithm.update().steps();
        PolicyTraining training =
                new PolicyTraining(Learners.PPO.on(BANDIT, 1, 3, false, 1), StopRule.steps(5 * batch));
        Files.deleteIfExists(file);
        training.listen((record, speed) -> {
            if (Files.exists(file)) {
                kept.add(record.update() - 1);
            }
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        training.run(file, rule);
        return kept;
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
                "a run can only be resumed with its own policy, '... 4 outputs");
    }

    /** Two networks with equal shapes and parameters that compute different things. */
    @Test
    void aCheckpointIsRefusedByANetworkWithAnotherActivationFunction(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        TrainingCheckpoint.write(file, training(reinforce(network(DenseActivation.TANH))));
        Algorithm other = reinforce(network(DenseActivation.RELU));
        String layer = "... Dense[inputs=1, outputs=8, bias=true, activation=";
        assertRefused(
                file,
                other,
                "a run can only be resumed with its own policy, '" + layer + "TANH] ...', got '" + layer
                        + "RELU] ...'");
        TrainingCheckpoint.resume(file, training(reinforce(network(DenseActivation.TANH))));
    }

    /** A graph and its plan round differently. */
    @Test
    void aCheckpointOfAPlanIsRefusedByTheGraphItself(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.safetensors");
        ComputationGraph graph = PolicyGraphs.mlp(PolicyGraphs.Mlp.of(1, 3).withHidden(8), 1);
        TrainingCheckpoint.write(file, training(reinforce(Approximators.of(graph))));
        assertRefused(
                file,
                reinforce(GraphApproximator.of(graph, new InputShape.Row(1))),
                "a run can only be resumed with its own policy, '... 43 parameters in DOUBLE/2[network=Planned[");
        TrainingCheckpoint.resume(file, training(reinforce(Approximators.of(graph))));
    }

    @Test
    void aRunOfVersionOneIsKnownByTheShapeOfItsNetwork() {
        Algorithm algorithm = reinforce(network(DenseActivation.TANH));
        Identity now = algorithm.identity();
        String shape = "1 inputs, 3 outputs, 43 parameters in DOUBLE, ";
        String rest = now.policy().substring(now.policy().indexOf("Categorical"));
        algorithm.requireRunOf(new Identity(now.algorithm(), now.environment(), shape + rest, 1), List.of());
        assertEquals(
                "a run can only be resumed with its own seed, '2', got '1'",
                refusal(algorithm, new Identity(now.algorithm(), now.environment(), shape + rest, 2)));
        assertEquals(
                "a run can only be resumed with its own policy, '... 44 parameters in DOUBLE ...', got '... 43 parameters in"
                        + " DOUBLE ...'",
                refusal(
                        algorithm,
                        new Identity(now.algorithm(), now.environment(), shape.replace("43", "44") + rest, 1)));
    }

    private static String refusal(Algorithm algorithm, Identity saved) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> algorithm.requireRunOf(saved, List.of()))
                        .getMessage());
    }

    private static Approximator network(DenseActivation activation) {
        return Approximators.random(
                List.of(new DenseShape(1, 8, true, activation), new DenseShape(8, 3, true, DenseActivation.IDENTITY)),
                0.1,
                1);
    }

    private static Algorithm reinforce(Approximator network) {
        return new Reinforce(
                Reinforce.Config.DEFAULT,
                BANDIT,
                new Policy(network, new Categorical(3), new ObservationEncoder.OneHot(1)),
                1);
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
