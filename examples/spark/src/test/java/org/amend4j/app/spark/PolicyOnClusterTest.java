/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies trained with {@code --master} are those trained without it. */
class PolicyOnClusterTest {

    private static final Object[] MASTER = {"--master", "local[2]"};

    /** Where a run is, and how long it took. */
    private static final Set<String> OF_RUNS =
            Set.of("out", "results.policy", "results.seconds", "results.stepsPerSecond");

    @TempDir
    private Path folder;

    @AfterEach
    void nothingIsLeftOpen() {
        assertNull(SparkEnv.get());
    }

    private Object[] words(String out, Object... more) {
        return Stream.concat(
                        Stream.of("policy", "train", "--out", folder.resolve(out), "--env", "Xor-v0", "--json"),
                        Stream.of(more))
                .toArray();
    }

    /** What a seed has learned, without how long it took. */
    private Map<String, String> learned(String run, int seed) throws IOException {
        Path of = folder.resolve(run).resolve("seed-" + seed);
        Map<String, String> files = Differences.contents(of);
        files.remove("result.json");
        files.put(
                "metrics.csv",
                Files.readAllLines(of.resolve("metrics.csv")).stream()
                        .map(line -> line.substring(0, line.lastIndexOf(',')))
                        .collect(Collectors.joining("\n")));
        return files;
    }

    @Test
    void batches_of_episodes_played_on_a_cluster_teach_the_same_policy() throws IOException {
        Object[] training = {"--algo", "gpomdp", "--steps", 4000, "--batch", 4, "--rollout-batch", 2};
        JsonNode here = Ran.amend4j(words("here", training)).json();
        JsonNode there = Ran.amend4j(words("there", training), MASTER).json();
        assertEquals(learned("here", 1), learned("there", 1));
        assertTrue(learned("here", 1).containsKey("checkpoint.safetensors"));
        assertEquals(OF_RUNS, Differences.of(here, there));
    }

    @Test
    void seeds_trained_on_executors_are_those_trained_here() throws IOException {
        Object[] training = {"--algo", "reinforce", "--steps", 1500, "--hidden", 8, "--seeds", "1..3"};
        JsonNode here = Ran.amend4j(words("here", training)).json();
        JsonNode there = Ran.amend4j(words("there", training), MASTER).json();
        for (int seed = 1; seed <= 3; seed++) {
            assertEquals(learned("here", seed), learned("there", seed));
        }
        assertNotEquals(learned("here", 1), learned("here", 2));
        assertEquals(OF_RUNS, Differences.of(here, there));
    }

    @Test
    void a_training_with_the_words_of_a_file_is_sent_to_executors() throws IOException {
        Path file = Files.writeString(folder.resolve("words"), "--algo gpomdp --steps 1000 --seeds 1..2");
        Ran.amend4j(words("there", "@" + file), MASTER).done();
        assertTrue(Files.exists(folder.resolve("there/seed-2/result.json")));
    }

    /** Checkpoints are made only because somebody interrupts. */
    @Test
    @Tag("exhaustive")
    void interrupted_seeds_leave_checkpoints_which_are_resumed_on_the_other_side() throws Exception {
        Object[] training = {"--algo", "gpomdp", "--steps", 200_000, "--seeds", "1..2", "--checkpoint-every", 1_000_000
        };
        Ran.amend4j(words("whole", training)).done();
        Object[] there = Stream.concat(Stream.of(words("parts", training)), Stream.of(MASTER))
                .toArray();
        Ran interrupted = Ran.interruptedAt(folder.resolve("parts/seed-2/metrics.csv"), there);
        assertEquals(130, interrupted.code(), interrupted.err());
        assertTrue(interrupted.err().contains("continue with the same command and --resume"), interrupted.err());
        assertNull(SparkEnv.get());
        for (int seed = 1; seed <= 2; seed++) {
            Path of = folder.resolve("parts/seed-" + seed);
            assertEquals(Files.exists(of.resolve("metrics.csv")), Files.exists(of.resolve("checkpoint.safetensors")));
            assertFalse(Files.exists(of.resolve("result.json")));
        }
        Ran again = Ran.amend4j(words("parts", training), "--resume");
        assertTrue(again.json().path("results").path(1).path("resumed").asBoolean());
        for (int seed = 1; seed <= 2; seed++) {
            assertEquals(learned("whole", seed), learned("parts", seed));
        }
    }
}
