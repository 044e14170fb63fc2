/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Algorithms of the user's own, which the class path registers. */
class OwnAlgorithmTest {

    @TempDir
    private Path temp;

    private Path classPath(String registered) throws IOException {
        Path folder = temp.resolve("class-path");
        Path file = folder.resolve(MeanBaseline.SERVICE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, registered);
        return folder;
    }

    private Object[] train(Path out, int steps, Object... more) throws IOException {
        Object[] words = {
            "policy",
            "train",
            "--env",
            "CartPole-v1",
            "--algo",
            "mean-baseline",
            "--class-path",
            classPath(MeanBaseline.Config.class.getName()),
            "--hidden",
            8,
            "--final-episodes",
            20,
            "--steps",
            steps,
            "--out",
            out
        };
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    @Test
    void an_algorithm_of_a_class_on_the_class_path_learns_under_its_name() throws IOException {
        Path out = temp.resolve("run");
        JsonNode report = amend4j(train(out, 15_000, "--json")).json();
        assertEquals("mean-baseline", report.findValue("algorithm").asText());
        String words = Files.readString(out.resolve("run.json"));
        assertTrue(words.contains("MeanBaseline[episodes=8, gamma=0.99, rate=0.02]"), words);
        double random = 22.2; // what docs/policy.md gives for actions at random
        double earned = report.at("/results/0/evaluation/sampled/return").asDouble();
        assertTrue(earned > 2 * random, report::toPrettyString);
    }

    @Test
    void a_run_that_goes_on_has_the_bytes_of_one_that_never_stopped() throws IOException {
        Path whole = temp.resolve("whole");
        Path inParts = temp.resolve("parts");
        amend4j(train(whole, 4_000, "--batch", 4, "--learning-rate", 0.01)).done();
        amend4j(train(inParts, 1_500, "--batch", 4, "--learning-rate", 0.01)).done();
        amend4j(train(inParts, 4_000, "--batch", 4, "--learning-rate", 0.01, "--resume"))
                .done();
        assertEquals(policy(whole), policy(inParts));
    }

    /** The network's file, which is named after its content. */
    private static String policy(Path out) throws IOException {
        try (Stream<Path> files = Files.list(out.resolve("seed-1/policy"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".zip"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void what_is_not_registered_or_does_not_fit_is_refused_in_one_sentence() throws IOException {
        Path out = temp.resolve("run");
        amend4j("policy", "train", "--env", "CartPole-v1", "--algo", "mean-baseline", "--out", out)
                .refused("--algo must be one of gpomdp", "or one that --class-path registers, got 'mean-baseline'");
        amend4j(train(out, 100, "--entropy", 0.1)).refused("--entropy is no setting of --algo mean-baseline");
        amend4j(train(out, 100, "--gamma", 0.5)).refused("--gamma is no setting of --algo mean-baseline");
        amend4j(train(out, 100, "--clip", 0.2)).refused("--clip is a setting of --algo ppo, got mean-baseline");
        amend4j(train(out, 100, "--master", "local[1]")).refused("executors have none of your classes");
        Object[] other = {
            "policy", "train", "--env", "CartPole-v1", "--algo", "mine", "--out", out, "--class-path",
        };
        amend4j(other, classPath("com.example.Missing")).refused("--class-path", "com.example.Missing");
        amend4j(other, classPath(MeanBaseline.class.getName())).refused("--class-path", "MeanBaseline not a subtype");
        assertFalse(Files.exists(out));
    }
}
