/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments of a Gymnasium that stands in for the real one, divided among processes. */
class WorkersTest {

    @TempDir
    private Path temp;

    private Object[] train(Path out, int steps) throws Exception {
        return new Object[] {
            "policy",
            "train",
            "--env",
            "gymnasium:Mortal-v0?fate=" + temp.resolve("fate"),
            "--python",
            EnvironmentSourcesTest.python(),
            "--algo",
            "ppo",
            "--environments",
            6,
            "--steps",
            steps,
            "--eval-every",
            2,
            "--hidden",
            4,
            "--checkpoint-every",
            1,
            "--out",
            out,
            "--json"
        };
    }

    /** All that is learned: the policy names its network by content, and the evaluations have every return. */
    private static void assertSameRun(Path one, Path other) throws IOException {
        for (String file : List.of("policy/policy.json", "evaluations.csv", "best/policy.json")) {
            assertArrayEquals(
                    Files.readAllBytes(one.resolve("seed-1").resolve(file)),
                    Files.readAllBytes(other.resolve("seed-1").resolve(file)),
                    file);
        }
    }

    @Test
    void resultsDoNotDependOnWorkersAndAKilledOneLeavesTheRunResumable() throws Exception {
        Path one = temp.resolve("one");
        Path several = temp.resolve("several");
        Path killed = temp.resolve("killed");
        amend4j(train(one, 3_000)).json();
        amend4j(train(several, 3_000), "--workers", 4).json();
        assertSameRun(one, several);

        Files.createFile(temp.resolve("fate"));
        amend4j(train(killed, 3_000), "--workers", 3)
                .refusedAtLast("Gymnasium's process ended (exit code 137)", "its last checkpoint is kept");
        assertTrue(Files.exists(killed.resolve("seed-1/checkpoint.safetensors")));
        JsonNode resumed = amend4j(train(killed, 3_000), "--workers", 2, "--resume")
                .json()
                .path("results")
                .path(0);
        assertTrue(resumed.path("resumed").asBoolean());
        assertSameRun(one, killed);
    }

    @Test
    @Tag("exhaustive")
    void evaluationsAndReportsDoNotDependOnWorkers() throws Exception {
        Path out = temp.resolve("run");
        amend4j(train(out, 500)).json();
        Object[] there = {
            out.resolve("seed-1/policy"),
            "--env",
            "gymnasium:Mortal-v0?fate=" + temp.resolve("fate"),
            "--python",
            EnvironmentSourcesTest.python(),
            "--json"
        };
        for (Object[] command : List.of(
                new Object[] {"policy", "eval", "--episodes", 10},
                new Object[] {"policy", "report", "--trajectories", 6, "--horizon", 3})) {
            JsonNode one = amend4j(command, there).json();
            Object[] divided =
                    Stream.concat(Stream.of(command), Stream.of("--workers", 3)).toArray();
            assertEquals(one, amend4j(divided, there).json());
        }
    }

    @Test
    void thereIsAtLeastOne() throws Exception {
        amend4j(train(temp.resolve("run"), 500), "--workers", 0).refused("--workers must be >= 1, got 0");
    }
}
