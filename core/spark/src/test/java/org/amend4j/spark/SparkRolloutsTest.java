/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.StepSize;
import org.amend4j.algorithm.StopRule;
import org.amend4j.algorithm.TrainingCheckpoint;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Batch;
import org.amend4j.rollout.EnvironmentPool;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Rollouts;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** Every policy algorithm with its batches on two threads of a local Spark. */
@OneIn(2)
class SparkRolloutsTest {

    private static JavaSparkContext context;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        context = LocalSpark.context("SparkRolloutsTest");
    }

    @AfterAll
    static void stopSpark() {
        context.close();
    }

    /** Small runs of each; episodes of the pole end, are cut off and go on between updates, and its observations are normalised. */
    enum Run {
        REINFORCE("CartPole-v1?limit=30") {
            @Override
            AlgorithmConfig config() {
                return Reinforce.Config.DEFAULT;
            }
        },
        GPOMDP("CartPole-v1?limit=none") {
            @Override
            AlgorithmConfig config() {
                BiasConstants constants =
                        new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-1, 1));
                return Gpomdp.Config.of(Horizon.given(12, BiasBound.C, constants), new StepSize.Constant(0.1))
                        .withTrajectories(10)
                        .withStateBaseline(true);
            }
        },
        ACTOR_CRITIC("CartPole-v1?limit=none") {
            @Override
            AlgorithmConfig config() {
                ActorCritic.Critic critic = ActorCritic.Critic.of(new ActionValue.PerAction(4, 2), 20)
                        .withRadius(100);
                return ActorCritic.Config.of(0.9, critic, new StepSize.Constant(0.01))
                        .withPairs(16);
            }
        },
        A2C("CartPole-v1?limit=30") {
            @Override
            AlgorithmConfig config() {
                return A2c.Config.DEFAULT.withBatch(10, 20).withNormalisedRewards();
            }
        },
        PPO("CartPole-v1?limit=30") {
            @Override
            AlgorithmConfig config() {
                return Ppo.Config.DEFAULT.withBatch(10, 16, 2, 3).withNormalisedRewards();
            }
        },
        PPO_WITH_MASKS("Taxi-v4?limit=20") {
            @Override
            AlgorithmConfig config() {
                return Ppo.Config.DEFAULT.withBatch(10, 16, 2, 3);
            }
        };

        private final String environment;

        Run(String environment) {
            this.environment = environment;
        }

        abstract AlgorithmConfig config();

        SavedPolicy policy() {
            EnvironmentSpec spec = Environments.of(environment);
            ObservationEncoder encoder = ObservationEncoder.normalising(spec.observationSpace());
            ActionDistribution distribution = ActionDistribution.of(spec.actionSpace());
            ComputationGraph graph = PolicyGraphs.mlp(
                    new PolicyGraphs.Mlp(
                            encoder.size(), List.of(8), Activation.TANH, distribution.outputs(), config().needsValue()),
                    3);
            return saved(new SavedPolicy.Plain(graph), distribution, encoder);
        }

        SavedPolicy saved(SavedPolicy.Network network, ActionDistribution distribution, ObservationEncoder encoder) {
            return new SavedPolicy(
                    new Policy(Approximators.of(network.graph()), distribution, encoder), network, environment);
        }

        Task task() {
            return Task.of(environment).inBatchesOf(1 + config().algorithm().length() % 3);
        }

        PolicyTraining training(SavedPolicy policy, Task task) {
            return new PolicyTraining(
                    config().begin(task, policy.policy(), 7),
                    StopRule.steps(1_000_000).withWindow(5));
        }
    }

    private SparkRollouts spark(Run run, int tasks) throws IOException {
        return SparkRollouts.of(
                new SparkTasks(context, tasks), SentPolicy.of(run.policy()), TaskSource.of(run.environment));
    }

    private byte[] trained(Run run, Function<Task, Task> players) throws IOException {
        try (PolicyTraining training = run.training(run.policy(), players.apply(run.task()))) {
            updates(training, 3);
            return state(training);
        }
    }

    private static void updates(PolicyTraining training, int updates) {
        for (int update = 0; update < updates; update++) {
            training.algorithm().update();
        }
    }

    private byte[] state(PolicyTraining training) throws IOException {
        Path file = folder.resolve("state.safetensors");
        TrainingCheckpoint.write(file, training);
        return Files.readAllBytes(file);
    }

    @ParameterizedTest
    @EnumSource(Run.class)
    @OneIn(6)
    void a_cluster_trains_what_one_process_trains(Run run) throws IOException {
        byte[] here = trained(run, task -> task);
        for (int tasks : new int[] {1, 2, 3, 7}) {
            try (SparkRollouts cluster = spark(run, tasks)) {
                assertArrayEquals(here, trained(run, task -> task.playedBy(cluster)), tasks + " tasks");
            }
        }
    }

    /** Batches are numbered by the run. Numbered by the tasks that play them, they would be other batches for other clusters. */
    @ParameterizedTest
    @EnumSource(Run.class)
    @OneIn(6)
    void batches_numbered_by_tasks_train_another_policy(Run run) throws IOException {
        try (SparkRollouts cluster = spark(run, 2)) {
            Function<Task, Task> single = task -> task.inBatchesOf(1);
            byte[] here = trained(run, single);
            assertArrayEquals(here, trained(run, task -> single.apply(task).playedBy(new NumberedByTask(cluster, 1))));
            byte[] twin = trained(run, task -> single.apply(task).playedBy(new NumberedByTask(cluster, 3)));
            assertFalse(Arrays.equals(here, twin));
        }
    }

    /** Task k of n plays batches k, k + n, ...; what the first task gave comes first. */
    private record NumberedByTask(SparkRollouts cluster, int tasks) implements Rollouts {

        @Override
        public <R extends Serializable> List<R> play(
                String occasion, EnvironmentPool here, Policy policy, List<? extends Batch<R>> batches) {
            List<Batch<R>> dealt = new ArrayList<>();
            for (int task = 0; task < tasks; task++) {
                for (int i = task; i < batches.size(); i += tasks) {
                    dealt.add(batches.get(i));
                }
            }
            return cluster.play(occasion, here, policy, dealt);
        }
    }

    @ParameterizedTest
    @EnumSource(Run.class)
    void a_run_moves_between_one_process_and_a_cluster(Run run) throws IOException {
        byte[] whole = trained(run, task -> task);
        Path file = folder.resolve("begun.safetensors");
        try (SparkRollouts cluster = spark(run, 3)) {
            List<Task> places = List.of(run.task(), run.task().playedBy(cluster));
            for (int first = 0; first < 2; first++) {
                try (PolicyTraining begun = run.training(run.policy(), places.get(first))) {
                    updates(begun, 1);
                    TrainingCheckpoint.write(file, begun);
                }
                try (PolicyTraining resumed = run.training(run.policy(), places.get(1 - first))) {
                    TrainingCheckpoint.resume(file, resumed);
                    updates(resumed, 2);
                    assertArrayEquals(whole, state(resumed));
                }
            }
        }
    }

    private static SavedPolicy adapted(Path base) throws IOException {
        ComputationGraph graph = PolicyGraphs.mlp(new PolicyGraphs.Mlp(4, List.of(8), Activation.TANH, 2, false), 5);
        graph.save(base.toFile());
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.open(base),
                LoraConfig.of(2, 2).withTargets(Targets.names("action")),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        EnvironmentSpec spec = Environments.of(Run.REINFORCE.environment);
        return Run.REINFORCE.saved(
                new SavedPolicy.Adapted(model),
                ActionDistribution.of(spec.actionSpace()),
                ObservationEncoder.of(spec.observationSpace()));
    }

    /** The base from a path, or taken along. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_adapted_policy_is_trained_on_a_cluster(boolean path) throws IOException {
        Run run = Run.REINFORCE;
        Path base = folder.resolve("base.zip");
        List<byte[]> states = new ArrayList<>();
        SentPolicy sent = path ? SentPolicy.of(adapted(base), base) : SentPolicy.of(adapted(base));
        try (SparkRollouts cluster =
                SparkRollouts.of(new SparkTasks(context, 2), sent, TaskSource.of(run.environment))) {
            for (Task task : List.of(run.task(), run.task().playedBy(cluster))) {
                try (PolicyTraining training = run.training(adapted(base), task)) {
                    updates(training, 2);
                    states.add(state(training));
                }
            }
        }
        assertArrayEquals(states.get(0), states.get(1));
    }

    @Test
    void scores_are_those_of_one_process() throws IOException {
        Run run = Run.PPO;
        Policy policy = run.policy().policy();
        try (SparkRollouts cluster = spark(run, 3)) {
            PolicyScores expected = PolicyScores.of(policy, run.task(), 20, false, 0.9, 30, 5);
            PolicyScores actual = PolicyScores.of(policy, run.task().playedBy(cluster), 20, false, 0.9, 30, 5);
            assertEquals(expected, actual);
        }
    }

    @Test
    void refusals_are_one_sentence() throws IOException {
        Run run = Run.REINFORCE;
        Policy policy = run.policy().policy();
        try (SparkRollouts cluster = spark(run, 3)) {
            Task other = Task.of("CartPole-v1?limit=20").inBatchesOf(2).playedBy(cluster);
            refused(
                    "executors must know the task that is played, one of [CartPole-v1?limit=30], got"
                            + " 'CartPole-v1?limit=20': give SparkRollouts a TaskSource of it",
                    () -> PolicyScores.of(policy, other, 5, false, 0.9, 30, 5));
            Task task = run.task().playedBy(cluster);
            assertTrue(message(() -> PolicyScores.of(policy, task, 20, false, 0.9, 2, 5))
                    .startsWith("episodes must end within 2 steps, got a longer one (row 0)"));
            Policy another = Run.A2C.policy().policy();
            assertTrue(message(() -> PolicyScores.of(another, task, 20, false, 0.9, 30, 5))
                    .startsWith("executors must open the policy that is played, "));
        }
        refused(
                "tasks on a cluster must have names that differ, got 'Xor-v0' again",
                () -> SparkRollouts.of(
                        new SparkTasks(context, 2), () -> policy, TaskSource.of("Xor-v0"), TaskSource.of("Xor-v0")));
    }

    private static String message(Runnable refused) {
        try {
            refused.run();
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
        return "nothing";
    }

    @Test
    void answers_come_in_order_and_what_is_refused_is_not_tried_again() {
        SparkTasks tasks = new SparkTasks(context, 3);
        List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
        assertEquals(inputs.stream().map(i -> i * i).toList(), tasks.run("amend4j squares", "ten", inputs, i -> i * i));
        org.apache.spark.util.LongAccumulator tries = context.sc().longAccumulator();
        refused(
                "numbers must be < 4, got 4",
                () -> tasks.run("amend4j squares", "four", inputs, i -> {
                    tries.add(1);
                    if (i >= 4) {
                        throw new IllegalArgumentException("numbers must be < 4, got " + i);
                    }
                    return i;
                }));
        assertEquals(10, tries.value());
        refused(
                "executors must be able to read what they work with, got no such file",
                () -> tasks.run("amend4j reading", "one", inputs, SparkRolloutsTest::missing));
    }

    private static Integer missing(int number) throws IOException {
        throw new IOException("no such file");
    }

    /** The one waits for its end, as an update in one process would; the other stops its pieces. */
    @Test
    void no_work_gives_no_answers() throws InterruptedException {
        SparkTasks tasks = new SparkTasks(context, 2);
        assertEquals(List.of(), tasks.run("amend4j nothing", "none", List.<Integer>of(), i -> i));
        assertEquals(
                List.of(),
                tasks.runUnlessInterrupted("amend4j nothing", "none", List.<Integer>of(), i -> i, done -> {}));
    }

    @Test
    void an_interruption_is_kept_or_stops_the_job() throws InterruptedException {
        SparkTasks tasks = new SparkTasks(context, 2);
        Thread.currentThread().interrupt();
        assertEquals(List.of(1, 2), tasks.run("amend4j waiting", "two", List.of(1, 2), i -> i));
        assertTrue(Thread.interrupted());
        Thread.currentThread().interrupt();
        try {
            tasks.runUnlessInterrupted(
                    "amend4j stopping",
                    "one",
                    List.of(1),
                    i -> {
                        Thread.sleep(60_000);
                        return i;
                    },
                    done -> {});
            assertTrue(false, "must be interrupted");
        } catch (InterruptedException expected) {
            assertFalse(Thread.currentThread().isInterrupted());
        }
    }

    /** Spark runs a job group under each update's name. */
    @Test
    void job_groups_have_the_names_of_updates() throws IOException {
        try (SparkRollouts cluster = spark(Run.REINFORCE, 3);
                PolicyTraining training = Run.REINFORCE.training(
                        Run.REINFORCE.policy(), Run.REINFORCE.task().playedBy(cluster))) {
            updates(training, 2);
            for (int update = 1; update <= 2; update++) {
                int jobs = context.statusTracker().getJobIdsForGroup("amend4j update " + update).length;
                assertTrue(jobs >= 1, "update " + update + " has " + jobs + " jobs");
            }
        }
    }
}
