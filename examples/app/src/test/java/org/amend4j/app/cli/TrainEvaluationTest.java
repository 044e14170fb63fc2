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
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy train --eval-every}: the curve, the best policy, and runs that are killed. */
class TrainEvaluationTest {

    @TempDir
    private Path folder;

    private Path run(String name) {
        return folder.resolve(name);
    }

    private static Object[] train(Path out, int steps, Object... more) {
        Object[] train = {
            "policy", "train", "--env", "CartPole-v1", "--algo", "a2c", "--hidden", 8, "--steps", steps, "--out", out
        };
        return Stream.concat(Stream.of(train), Stream.of(more)).toArray();
    }

    private static Object[] evaluated(Path out, int steps, Object... more) {
        return Stream.concat(Stream.of(train(out, steps, "--eval-every", 1_000, "--eval-episodes", 3)), Stream.of(more))
                .toArray();
    }

    private static List<String> metrics(Path seed) throws IOException {
        return Files.readAllLines(seed.resolve("metrics.csv")).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
    }

    private static String policy(Path policy) throws IOException {
        return Files.readString(policy.resolve("policy.json"));
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    /** Rows of evaluations.csv without the header. */
    private static List<double[]> curve(Path seed) throws IOException {
        return Files.readAllLines(seed.resolve("evaluations.csv")).stream()
                .skip(1)
                .map(line -> Stream.of(line.split(",", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }

    private static void assertScored(Path best) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(best.resolve("policy.json")));
        assertEquals(
                HexFormat.of().formatHex(digest),
                json(best.resolve("score.json")).path("policy").asText());
    }

    @Test
    void aTrainingHasTheSameBytesWithEvaluationsAndLeavesTheirCurveAndTheBest() throws Exception {
        assertEquals(0, amend4j(train(run("plain"), 6_000)).code());
        Ran ran = amend4j(evaluated(run("evaluated"), 6_000, "--json"));
        JsonNode result = ran.json().path("results").path(0);
        Path plain = run("plain").resolve("seed-1");
        Path seed = run("evaluated").resolve("seed-1");
        assertEquals(metrics(plain), metrics(seed));
        assertEquals(policy(plain.resolve("policy")), policy(seed.resolve("policy")));
        assertFalse(Files.exists(plain.resolve("best")));

        List<double[]> curve = curve(seed);
        assertEquals(0, curve.get(0)[1]);
        assertTrue(curve.size() >= 7, () -> curve.size() + " evaluations in 6,000 steps");
        int best = 0;
        for (int i = 0; i < curve.size(); i++) {
            assertEquals(
                    curve.get(i)[2],
                    result.path("evaluations").path("returns").path(i).asDouble());
            best = curve.get(i)[2] > curve.get(best)[2] ? i : best;
        }
        JsonNode score = json(seed.resolve("best/score.json"));
        assertEquals(curve.get(best)[0], score.path("update").asDouble());
        assertEquals(curve.get(best)[2], score.path("return").asDouble());
        assertScored(seed.resolve("best"));
        assertEquals(
                score.path("steps").asLong(), result.path("best").path("steps").asLong());
        assertTrue(
                List.of("best", "last", "same", "unclear")
                        .contains(result.path("bestOrLast").path("better").asText()),
                result.toString());

        JsonNode played = amend4j("policy", "eval", seed.resolve("best"), "--episodes", 5, "--json")
                .json();
        assertEquals("CartPole-v1", played.path("environment").asText());
        amend4j("policy", "eval", seed.resolve("last"), "--episodes", 5, "--json")
                .json();
    }

    @Test
    void everySeedHasItsOwnBestAndTheReportAllCurves() throws Exception {
        Ran ran = amend4j(evaluated(run("run"), 2_000, "--eval-greedy", "--seeds", "1..2"));
        assertEquals(0, ran.code(), ran.err());
        for (int seed = 1; seed <= 2; seed++) {
            assertScored(run("run").resolve("seed-" + seed + "/best"));
            assertTrue(ran.out().contains("seed " + seed + ": best of "), ran.out());
        }
        JsonNode report = json(run("run").resolve("report.json"));
        PolicyCommandsTest.assertEndsWithTheFirstRun(
                report.path("curve"), report.path("curve").path("evaluations"));
        assertEquals(
                "every 1000 steps, 3 episodes, greedy actions",
                report.path("evaluation").asText());
        assertTrue(Files.size(run("run").resolve("learning.svg")) > 1_000);
    }

    /** The policies are the same, whatever is played at the end. */
    @Test
    void aTrainingEndsWithAsManyNewEpisodesAsAreWanted() throws Exception {
        Ran five = amend4j(train(run("five"), 1_000, "--final-episodes", 5, "--json"));
        JsonNode evaluation = five.json().path("results").path(0).path("evaluation");
        assertEquals(5, evaluation.path("episodes").asInt());
        assertTrue(five.err().contains("seed 1, evaluation: "), five.err());

        Ran none = amend4j(evaluated(run("none"), 1_000, "--final-episodes", 0, "--seeds", "1..2"));
        assertEquals(0, none.code(), none.err());
        assertTrue(none.out().matches("(?s).* - +- +\\S*none.*"), none.out());
        assertFalse(none.out().contains("mark"), none.out());
        assertFalse(none.err().contains("1, evaluation: "), none.err());
        JsonNode report = json(run("none").resolve("report.json"));
        assertTrue(report.path("results").path(0).path("evaluation").isMissingNode());
        assertTrue(report.path("return").isMissingNode());
        assertEquals(
                policy(run("five").resolve("seed-1/policy")), policy(run("none").resolve("seed-1/policy")));
        amend4j(train(run("five"), 1_000, "--final-episodes", 6, "--resume")).refused("finalEpisodes");
        amend4j(train(run("x"), 1_000, "--final-episodes", -1)).refused("--final-episodes must be >= 0, got -1");
    }

    @Test
    void whatDoesNotFitIsRefused() throws Exception {
        amend4j(train(run("run"), 1_000, "--eval-every", 0)).refused("--eval-every must be >= 1, got 0");
        amend4j(train(run("run"), 1_000, "--eval-episodes", 3)).refused("--eval-episodes", "--eval-every");
        amend4j(train(run("run"), 1_000, "--eval-greedy")).refused("--eval-greedy", "--eval-every");
        amend4j(train(run("run"), 1_000, "--eval-every", 9, "--eval-episodes", 0))
                .refused("--eval-episodes must be");
        amend4j("policy", "train", "--env", "Xor-v0", "--algo", "gpomdp", "--entropy", 1, "--out", run("run"))
                .refused("--entropy is a setting of --algo reinforce, a2c and ppo");
        amend4j(train(run("run"), 1_000, "--entropy", -1)).refused("--entropy must be >= 0");
        assertFalse(Files.exists(run("run")));
        assertEquals(0, amend4j(evaluated(run("run"), 1_000)).code());
        amend4j(train(run("run"), 1_000, "--resume")).refused("the run's own evaluation");
        assertEquals(0, amend4j(train(run("plain"), 1_000)).code());
        amend4j(evaluated(run("plain"), 1_000, "--resume")).refused("the run's own evaluation");
    }

    /** In a process of its own, killed as soon as it has evaluated so often. */
    private void killed(int evaluations, Object... words) throws Exception {
        Process process = Started.amend4j(folder, words);
        Path file = run("killed").resolve("seed-1/evaluations.csv");
        while (process.isAlive()
                && (!Files.exists(file) || Files.readAllLines(file).size() <= evaluations)) {
            Thread.sleep(5);
        }
        assertTrue(process.isAlive() || process.exitValue() == 0, Files.readString(run("err")));
        process.destroyForcibly();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    }

    /** Also if it is killed between an evaluation and the checkpoint that knows it: those are three updates apart. */
    @Test
    @Tag("exhaustive")
    void aRunThatIsKilledAndResumedEndsAtTheSameBestAndCurveAndLeavesNoTemporaryFile() throws Exception {
        int steps = 60_000;
        assertEquals(0, amend4j(evaluated(run("whole"), steps)).code());
        Object[] train = evaluated(run("killed"), steps, "--checkpoint-every", 7);
        killed(3, train);
        if (Exhaustive.on()) {
            killed(12, Stream.concat(Stream.of(train), Stream.of("--resume")).toArray());
        }

        Path seed = run("killed").resolve("seed-1");
        List<Path> leftovers = List.of(
                run("killed").resolve(".4711.run.json"),
                seed.resolve(".4711.metrics.csv"),
                seed.resolve(".checkpoint.safetensors." + UUID.randomUUID() + ".tmp"),
                seed.resolve("best/.policy.json." + UUID.randomUUID() + ".tmp"));
        List<Path> users = List.of(
                seed.resolve(".mine.tmp"), seed.resolve("best/.policy.json.mine.tmp"), seed.resolve(".4711.mine.csv"));
        for (Path file : Stream.concat(leftovers.stream(), users.stream()).toList()) {
            Files.writeString(file, "x");
        }
        Ran resumed = amend4j(train, "--resume");
        assertEquals(0, resumed.code(), resumed.err());

        Path whole = run("whole").resolve("seed-1");
        assertArrayEquals(
                Files.readAllBytes(whole.resolve("checkpoint.safetensors")),
                Files.readAllBytes(seed.resolve("checkpoint.safetensors")));
        assertEquals(metrics(whole), metrics(seed));
        for (String file : List.of(
                "evaluations.csv", "best/policy.json", "best/score.json", "last/policy.json", "policy/policy.json")) {
            assertEquals(Files.readString(whole.resolve(file)), Files.readString(seed.resolve(file)), file);
        }
        assertScored(seed.resolve("best"));
        leftovers.forEach(file -> assertFalse(Files.exists(file), file.toString()));
        users.forEach(file -> assertTrue(Files.exists(file), file.toString()));
    }

    /** As after a kill between the best policy, its score, the curve and the checkpoint, in every order. */
    @Test
    void whateverAKilledRunHadWrittenAheadOfItsCheckpointAgreesWithItAgain() throws Exception {
        Object[] train = evaluated(run("run"), 4_000);
        assertEquals(0, amend4j(train).code());
        Path seed = run("run").resolve("seed-1");
        String curve = Files.readString(seed.resolve("evaluations.csv"));
        String score = Files.readString(seed.resolve("best/score.json"));
        String best = policy(seed.resolve("best"));

        Files.delete(seed.resolve("result.json"));
        Files.writeString(seed.resolve("evaluations.csv"), curve + "999,99999,500.0,0.0,500.0\n");
        Files.writeString(seed.resolve("best/score.json"), "{}");
        amend4j(train, "--resume");
        assertEquals(curve, Files.readString(seed.resolve("evaluations.csv")));
        assertEquals(score, Files.readString(seed.resolve("best/score.json")));

        Files.delete(seed.resolve("result.json"));
        Files.delete(seed.resolve("evaluations.csv"));
        Files.writeString(seed.resolve("best/policy.json"), policy(seed.resolve("last")));
        amend4j(train, "--resume");
        assertEquals(curve, Files.readString(seed.resolve("evaluations.csv")));
        assertEquals(best, policy(seed.resolve("best")));
        assertEquals(score, Files.readString(seed.resolve("best/score.json")));
    }
}
