/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments with several actions at once, observations of parts and boxes of actions, with no more than a name. */
class ActionSpacesTest {

    @TempDir
    Path temp = Path.of("");

    private static JsonNode record(Path policy) throws IOException {
        return new ObjectMapper().readTree(policy.resolve("policy.json").toFile());
    }

    /** A tool and a side, both to be seen in a part each; half of the reward for either. The third tool is masked. */
    @Test
    void partsAreSeenAndSeveralIndicesChosenResumedEvaluatedAndReportedOn() throws Exception {
        String python = EnvironmentSourcesTest.python();
        Path out = temp.resolve("run");
        Object[] train = {
            "policy",
            "train",
            "--env",
            "gymnasium:Bench-v0",
            "--python",
            python,
            "--algo",
            "ppo",
            "--steps",
            6_000,
            "--checkpoint-every",
            1,
            "--out",
            out,
            "--json"
        };
        amend4j(train).json();
        Path policy = out.resolve("seed-1/policy");
        assertEquals("[3,2]", record(policy).path("distribution").path("counts").toString());
        assertEquals(
                "multi-categorical",
                record(policy).path("distribution").path("kind").asText());
        JsonNode parts = record(policy).path("encoder").path("parts");
        assertEquals("one-hot", parts.path(0).path("kind").asText());
        assertEquals("normalising", parts.path(1).path("kind").asText());
        assertEquals(2, parts.size());
        byte[] bytes = Files.readAllBytes(policy.resolve("policy.json"));

        // as if killed after the last checkpoint
        Files.delete(out.resolve("seed-1/result.json"));
        Files.delete(policy.resolve("policy.json"));
        JsonNode resumed = amend4j(train, "--resume").json().path("results").path(0);
        assertTrue(resumed.path("resumed").asBoolean());
        assertArrayEquals(bytes, Files.readAllBytes(policy.resolve("policy.json")));

        Object[] there = {policy, "--env", "gymnasium:Bench-v0", "--python", python, "--json"};
        JsonNode played = amend4j(new Object[] {"policy", "eval", "--episodes", 20}, there)
                .json();
        double greedy = played.path("greedy").path("return").asDouble();
        assertTrue(greedy > 5, "of 8, and 4 by chance: " + greedy);
        amend4j(new Object[] {"policy", "report", "--trajectories", 4, "--horizon", 3}, there)
                .json();
        amend4j("policy", "train", "--env", "gymnasium:Bench-v0", "--python", python, "--algo", "actor-critic")
                .refused("--algo actor-critic needs discrete actions", "MultiDiscrete[3, 2]");
        Object[] anew = train.clone();
        anew[List.of(train).indexOf(out)] = temp.resolve("anew");
        amend4j(anew, "--distribution", "squashed-gaussian")
                .refused("--distribution is for boxes of actions", "categorical");
    }

    @Test
    void aSquashedGaussianIsChosenByNameAndKept() throws Exception {
        Path out = temp.resolve("run");
        Object[] train = {
            "policy",
            "train",
            "--env",
            "Pendulum-v1",
            "--algo",
            "ppo",
            "--steps",
            4_096,
            "--checkpoint-every",
            1,
            "--out",
            out,
            "--json"
        };
        Object[] squashed = Stream.concat(Stream.of(train), Stream.of("--distribution", "squashed-gaussian"))
                .toArray();
        JsonNode result = amend4j(squashed).json();
        assertTrue(result.path("distribution").asText().startsWith("SquashedGaussian[low=[-2.0], high=[2.0]"));
        assertTrue(result.path("start").asText().endsWith(", squashed-gaussian"));
        Path policy = out.resolve("seed-1/policy");
        assertEquals(
                "squashed-gaussian",
                record(policy).path("distribution").path("kind").asText());
        amend4j(train, "--resume").refused("the run's own start", "squashed-gaussian");
        Files.delete(out.resolve("seed-1/result.json"));
        assertTrue(amend4j(squashed, "--resume")
                .json()
                .path("results")
                .path(0)
                .path("resumed")
                .asBoolean());
        amend4j("policy", "eval", policy, "--episodes", 2, "--json").json();
        Object[] adapt = {
            "policy",
            "train",
            "--env",
            "Pendulum-v1",
            "--algo",
            "ppo",
            "--steps",
            2_048,
            "--adapter-of",
            policy,
            "--out",
            temp.resolve("adapter"),
            "--json"
        };
        JsonNode adapted = amend4j(adapt).json();
        assertTrue(adapted.path("distribution").asText().startsWith("SquashedGaussian"));
        amend4j(adapt, "--distribution", "gaussian").refused("--distribution", "--adapter-of", "leave it out");
    }

    @Test
    void whatIsChosenInVainIsOneSentence() {
        Path out = temp.resolve("run");
        Object[] train = {"policy", "train", "--algo", "ppo", "--out", out, "--env"};
        amend4j(train, "Pendulum-v1", "--distribution", "beta")
                .refused("--distribution must be gaussian or squashed-gaussian, got 'beta'");
        amend4j(train, "CartPole-v1", "--distribution", "gaussian").refused("boxes of actions", "Discrete");
        amend4j(train, "Lqr-v0", "--distribution", "squashed-gaussian")
                .refused("--distribution squashed-gaussian", "need low < high and a finite distance");
        assertFalse(Files.exists(out));
    }
}
