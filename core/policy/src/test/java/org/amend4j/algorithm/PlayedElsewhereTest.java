/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.Environments;
import org.amend4j.environment.TimeLimit;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Elsewhere;
import org.amend4j.rollout.Task;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every algorithm with its batches played in this process and elsewhere. */
class PlayedElsewhereTest {

    private static final int BATCH = 3;
    private static final int UPDATES = 3;

    private static final Set<Learners> VALUED =
            EnumSet.of(Learners.A2C, Learners.A2C_RMSPROP, Learners.PPO, Learners.REINFORCE_WITH_VALUE);

    private static Task pole(Learners learner) {
        boolean theory = learner == Learners.GPOMDP || learner == Learners.ACTOR_CRITIC;
        return Task.of("pole", () -> theory ? new CartPole() : new TimeLimit(new CartPole(), 30));
    }

    private static Policy policy(Learners learner) {
        int values = VALUED.contains(learner) ? 1 : 0;
        return Learners.policy(4, 2, values, true, 99);
    }

    private static Task away(Learners learner, int workers, boolean inOrder) {
        return pole(learner)
                .inBatchesOf(BATCH)
                .playedBy(new Elsewhere(() -> pole(learner), () -> policy(learner), workers, inOrder));
    }

    private static PolicyTraining training(Learners learner, Task task) {
        return new PolicyTraining(
                learner.on(task, 4, 2, true, 7), StopRule.steps(1_000_000).withWindow(5));
    }

    private static byte[] trained(Learners learner, Task task, Path folder) throws IOException {
        try (PolicyTraining training = training(learner, task)) {
            for (int update = 0; update < UPDATES; update++) {
                training.update();
            }
            Path file = folder.resolve("state.safetensors");
            TrainingCheckpoint.write(file, training);
            return Files.readAllBytes(file);
        }
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    @OneIn(2)
    void a_training_ends_with_the_same_file_whoever_plays(Learners learner, @TempDir Path folder) throws IOException {
        byte[] here = trained(learner, pole(learner).inBatchesOf(BATCH), folder);
        assertArrayEquals(here, trained(learner, away(learner, 1, true), folder));
        assertArrayEquals(here, trained(learner, away(learner, 4, true), folder));
    }

    /** The twin: who orders results by the workers that gave them trains another policy. */
    @ParameterizedTest
    @EnumSource(Learners.class)
    void results_in_the_order_of_workers_train_another_policy(Learners learner, @TempDir Path folder)
            throws IOException {
        byte[] here = trained(learner, pole(learner).inBatchesOf(1), folder);
        byte[] twin = trained(learner, away(learner, 2, false).inBatchesOf(1), folder);
        assertFalse(Arrays.equals(here, twin));
    }

    @ParameterizedTest
    @EnumSource(Learners.class)
    void a_run_goes_on_where_another_kind_of_player_left_it(Learners learner, @TempDir Path folder) throws IOException {
        List<Task> tasks = List.of(pole(learner).inBatchesOf(BATCH), away(learner, 2, true));
        Path file = folder.resolve("begun.safetensors");
        List<byte[]> ends = new ArrayList<>();
        for (int from = 0; from < 2; from++) {
            try (PolicyTraining first = training(learner, tasks.get(from))) {
                first.update();
                TrainingCheckpoint.write(file, first);
            }
            try (PolicyTraining second = training(learner, tasks.get(1 - from))) {
                TrainingCheckpoint.resume(file, second);
                second.update();
                second.update();
                TrainingCheckpoint.write(file, second);
                ends.add(Files.readAllBytes(file));
            }
        }
        assertArrayEquals(trained(learner, tasks.get(0), folder), ends.get(0));
        assertArrayEquals(ends.get(0), ends.get(1));
    }

    /** Every pair has always had generators of its own. */
    @Test
    void pairs_of_an_actor_critic_do_not_depend_on_batches() {
        double[][] theta = new double[2][];
        for (int i = 0; i < 2; i++) {
            Task task = pole(Learners.ACTOR_CRITIC);
            Algorithm algorithm = Learners.ACTOR_CRITIC.on(i == 0 ? task : task.inBatchesOf(5), 4, 2, true, 7);
            algorithm.update();
            theta[i] = algorithm.policy().parameters();
        }
        assertArrayEquals(theta[0], theta[1], 0);
    }

    /** Taxi's masks travel with the steps. */
    @ParameterizedTest
    @ValueSource(strings = {"REINFORCE", "A2C", "PPO"})
    void masks_travel(Learners learner, @TempDir Path folder) throws IOException {
        Task taxi = Task.of(Environments.of("Taxi-v4").withTimeLimit(OptionalInt.of(20)));
        int values = learner == Learners.REINFORCE ? 0 : 1;
        Elsewhere workers = new Elsewhere(
                () -> Task.of("Taxi-v4?limit=20"), () -> Learners.policy(500, 6, values, false, 99), 3, true);
        List<byte[]> files = new ArrayList<>();
        for (Task task : List.of(taxi.inBatchesOf(5), taxi.inBatchesOf(5).playedBy(workers))) {
            try (PolicyTraining training = new PolicyTraining(
                    learner.on(task, 500, 6, false, 7),
                    StopRule.steps(1_000_000).withWindow(5))) {
                training.update();
                Path file = folder.resolve("state.safetensors");
                TrainingCheckpoint.write(file, training);
                files.add(Files.readAllBytes(file));
            }
        }
        assertArrayEquals(files.get(0), files.get(1));
    }

    @Test
    void evaluations_on_the_way_are_played_elsewhere_with_the_same_bits() {
        Learners learner = Learners.REINFORCE;
        List<List<PeriodicEvaluation.Result>> results = new ArrayList<>();
        for (Task task : List.of(pole(learner).inBatchesOf(BATCH), away(learner, 3, true))) {
            PolicyTraining training =
                    new PolicyTraining(learner.on(pole(learner), 4, 2, true, 7), StopRule.steps(1_000));
            try (training) {
                training.evaluatedBy(new PeriodicEvaluation(PeriodicEvaluation.Config.every(300), task, 7));
                training.run();
                results.add(training.evaluation().orElseThrow().results());
            }
        }
        assertEquals(results.get(0), results.get(1));
    }

    @Test
    void a_run_in_other_batches_is_another_run(@TempDir Path folder) throws IOException {
        Learners learner = Learners.A2C;
        Path file = folder.resolve("begun.safetensors");
        try (PolicyTraining first = training(learner, pole(learner).inBatchesOf(BATCH))) {
            TrainingCheckpoint.write(file, first);
        }
        try (PolicyTraining second = training(learner, pole(learner))) {
            refused(
                    "a run can only be resumed with its own environment, 'pole in batches of 3', got 'pole'",
                    () -> TrainingCheckpoint.resume(file, second));
        }
        Task limited = pole(Learners.REINFORCE);
        TrainingState state;
        try (PolicyTraining first = training(Learners.REINFORCE, limited)) {
            first.evaluatedBy(new PeriodicEvaluation(PeriodicEvaluation.Config.every(10), limited.inBatchesOf(4), 1));
            state = first.state();
        }
        try (PolicyTraining second = training(Learners.REINFORCE, limited)) {
            second.evaluatedBy(new PeriodicEvaluation(PeriodicEvaluation.Config.every(10), limited, 1));
            refused(
                    "a training can only be resumed with its own evaluation, 10 episodes with drawn actions every 10"
                            + " steps in batches of 4, got 10 episodes with drawn actions every 10 steps",
                    () -> second.restore(state));
        }
    }
}
