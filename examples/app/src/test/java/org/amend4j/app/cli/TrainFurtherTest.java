/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy train} that goes on: with more steps in its folder, or from a saved policy. */
class TrainFurtherTest {

    @TempDir
    private Path folder;

    private Ran train(String run, String words, Object... more) {
        return amend4j(
                Stream.concat(
                                Stream.of("policy", "train", "--out", folder.resolve(run), "--final-episodes", 2),
                                Stream.of(words.split(" ")))
                        .toArray(),
                more);
    }

    private Path seed(String run, String file) {
        return folder.resolve(run).resolve("seed-1").resolve(file);
    }

    private JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    /** All columns but the last, the speed. */
    private List<String> metrics(String run) throws IOException {
        return Files.readAllLines(seed(run, "metrics.csv")).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
    }

    @Test
    void a_run_without_schedules_that_goes_on_is_the_longer_run() throws IOException {
        String xor = "--env Xor-v0 --algo gpomdp --steps ";
        assertEquals(0, train("whole", xor + 8_000).code());
        assertEquals(0, train("parts", xor + 4_000).code());
        Ran further = train("parts", xor + 8_000, "--resume");
        assertEquals(0, further.code(), further.err());
        assertEquals(metrics("whole"), metrics("parts"));
        assertArrayEquals(
                Files.readAllBytes(seed("whole", "checkpoint.safetensors")),
                Files.readAllBytes(seed("parts", "checkpoint.safetensors")));
    }

    @Test
    void a_run_goes_on_with_its_settings_and_schedules_that_end_with_the_new_steps() throws IOException {
        String pole = "--env CartPole-v1 --algo a2c --hidden 8 --steps ";
        assertEquals(0, train("run", pole + 2_000).code());
        assertEquals(0, train("killed", pole + 2_000).code());
        List<String> first = metrics("run");
        assertEquals(0, train("run", pole + 4_000, "--resume").code());
        JsonNode run = json(folder.resolve("run/run.json"));
        assertEquals("4000", run.path("steps").asText());
        assertEquals("2000", run.path("earlierSteps").asText());
        assertTrue(run.path("settings").asText().contains("steps=4000"), run.toString());
        assertTrue(json(seed("run", "result.json")).path("steps").asLong() >= 4_000);
        assertEquals(first, metrics("run").subList(0, first.size()));
        assertTrue(metrics("run").size() > first.size());

        // told to go on, and killed before the first checkpoint after that
        Files.copy(
                folder.resolve("run/run.json"), folder.resolve("killed/run.json"), StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, train("killed", pole + 4_000, "--resume").code());
        assertEquals(metrics("run"), metrics("killed"));

        train("run", pole + 3_000, "--resume").refused("the run's own steps");
        train("run", pole + "9000 --entropy 0.5", "--resume").refused("the run's own settings");
        assertEquals(0, train("run", pole + 4_000, "--resume").code());
        assertEquals(metrics("killed"), metrics("run"));
        assertEquals(0, train("run", pole + 5_000, "--resume").code());
        assertEquals(
                "2000, 4000",
                json(folder.resolve("run/run.json")).path("earlierSteps").asText());
    }

    @Test
    void a_saved_policy_goes_on_with_its_distribution_and_its_normaliser() throws IOException {
        String pendulum = "--env Pendulum-v1 --algo a2c --steps 1000";
        assertEquals(
                0,
                train("first", pendulum, "--distribution", "squashed-gaussian").code());
        JsonNode before = json(seed("first", "policy/policy.json"));
        Ran second = train("second", pendulum, "--from", seed("first", "policy"));
        assertEquals(0, second.code(), second.err());
        assertTrue(second.err().contains(", policy " + seed("first", "policy")), second.err());
        JsonNode after = json(seed("second", "policy/policy.json"));
        assertEquals(
                before.path("distribution").path("kind"),
                after.path("distribution").path("kind"));
        assertEquals(
                "squashed-gaussian", after.path("distribution").path("kind").asText());
        double[] counts = {count(before), count(after)};
        assertTrue(counts[1] >= counts[0] + 1_000, counts[0] + " and " + counts[1]);

        Path policy = seed("first", "policy");
        train("x", pendulum, "--from", policy, "--hidden", 3).refused("--hidden", "--from");
        train("x", pendulum, "--from", policy, "--distribution", "gaussian").refused("--distribution", "--from");
        train("x", pendulum, "--from", policy, "--adapter-of", policy).refused("--from and --adapter-of");
        train("x", pendulum, "--model", policy).refused("--model takes a graph", "--from");
        train("x", pendulum, "--from", folder.resolve("none")).refused("there is no policy directory");
        assertEquals(0, train("xor", "--env Xor-v0 --algo gpomdp --steps 1000").code());
        train("x", "--env Xor-v0 --algo a2c --steps 1000", "--from", seed("xor", "policy"))
                .refused("no value output", "reinforce");
    }

    private static double count(JsonNode policy) {
        return policy.path("encoder").path("statistics").path(0).asDouble();
    }

    @Test
    void a_graph_gets_the_distribution_that_is_said() throws IOException {
        assertEquals(
                0, train("first", "--env Pendulum-v1 --algo ppo --steps 3000").code());
        Path zip;
        try (Stream<Path> files = Files.list(seed("first", "policy"))) {
            zip = files.filter(file -> file.toString().endsWith(".zip"))
                    .findFirst()
                    .orElseThrow();
        }
        assertEquals(
                0,
                train(
                                "second",
                                "--env Pendulum-v1 --algo ppo --steps 3000 --distribution squashed-gaussian",
                                "--model",
                                zip)
                        .code());
        assertEquals(
                "squashed-gaussian",
                json(seed("second", "policy/policy.json"))
                        .path("distribution")
                        .path("kind")
                        .asText());
    }
}
