/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.app.job.Progress;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A place of one's own gets all that it needs to train and to play elsewhere. */
class TrainingPlaceTest {

    private static final Progress SILENT = Progress.to(new PrintWriter(Writer.nullWriter()));
    private static final List<Long> SEEDS = List.of(3L, 4L, 5L);

    @TempDir
    Path folder;

    private static TrainingOptions options() {
        TrainingOptions.Tuning usual = TrainingOptions.Tuning.USUAL;
        TrainingOptions.Tuning tuning = new TrainingOptions.Tuning(
                Optional.of(1_000L),
                usual.hidden(),
                usual.rate(),
                usual.gamma(),
                usual.entropy(),
                Optional.of(20),
                usual.biasTolerance(),
                usual.rewards(),
                Optional.of(4),
                Optional.of(2));
        return new TrainingOptions(
                "Xor-v0",
                Surroundings.usual(),
                "gpomdp",
                tuning,
                PracticeTuning.USUAL,
                TrainingOptions.Beginning.FRESH,
                CheckpointRule.everyUpdates(1_000),
                new EvaluationChoice(Optional.of(PeriodicEvaluation.Config.every(500)), 10));
    }

    private Path trained(String name, TrainingPlace place) throws IOException, InterruptedException {
        Path out = folder.resolve(name);
        TrainJob.run(options(), SEEDS, out, false, "test", place, SILENT);
        return out;
    }

    /** The last seed first, each as a process of its own would train it. */
    private final class Backwards implements TrainingPlace {

        private final List<List<String>> environments = new ArrayList<>();

        @Override
        public Rollouts rollouts(SavedPolicy policy, List<String> names) {
            environments.add(names);
            return Rollouts.HERE;
        }

        @Override
        public List<JsonNode> seeds(List<Long> seeds, OneSeed run) throws IOException, InterruptedException {
            List<Long> order = new ArrayList<>(seeds);
            Collections.reverse(order);
            List<JsonNode> results = new ArrayList<>();
            for (long seed : order) {
                results.add(0, TrainJob.seed(options(), seeds, seed, folder.resolve("there"), SILENT));
            }
            return results;
        }
    }

    @Test
    void seeds_trained_elsewhere_in_any_order_have_the_same_bits() throws IOException, InterruptedException {
        Path here = trained("here", TrainingPlace.HERE);
        Backwards place = new Backwards();
        Path there = trained("there", place);
        for (long seed : SEEDS) {
            Path one = TrainFolder.ofSeed(here, seed).resolve(SeedRun.CHECKPOINT);
            Path other = TrainFolder.ofSeed(there, seed).resolve(SeedRun.CHECKPOINT);
            assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(other));
        }
        // asked once, for the first seed, which is built to be checked
        assertEquals(List.of(List.of("Xor-v0", "Xor-v0")), place.environments);
    }
}
