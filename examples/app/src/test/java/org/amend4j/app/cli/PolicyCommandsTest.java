/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small trainings by the command line. */
class PolicyCommandsTest {

    private static final String CHECKPOINT = "seed-1/checkpoint.safetensors";

    @TempDir
    private Path folder;

    private static Ran policy(Object... args) {
        return Ran.amend4j(new Object[] {"policy"}, args);
    }

    private Path run(String name) {
        return folder.resolve(name);
    }

    private static Object[] training(Path out, Object... more) {
        return Stream.concat(Stream.of("train", "--out", out), Stream.of(more)).toArray();
    }

    /** Well over before a test gives up, and long enough to be interrupted. */
    private static final int LONG = 400_000;

    private static final int STEPS = 4_000;

    private static Ran trainXor(Path out, int steps, Object... more) {
        return policy(Stream.concat(
                        Stream.of(training(out, "--env", "Xor-v0", "--algo", "gpomdp", "--steps", steps)),
                        Stream.of(more))
                .toArray());
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static byte[] bytes(Path file) throws IOException {
        return Files.readAllBytes(file);
    }

    /** Every file of a folder with its content. */
    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                contents.put(root.relativize(file).toString(), HexFormat.of().formatHex(bytes(file)));
            }
        }
        return contents;
    }

    /** Mean and interval have a number for each of the first steps, and no more than there are. */
    static void assertEndsWithTheFirstRun(JsonNode curves, JsonNode curve) {
        assertEquals(50, curves.path("steps").size());
        int points = curve.path("interquartileMean").size();
        assertTrue(points > 0 && points <= 50, curve.toString());
        assertEquals(points, curve.path("low").size());
        assertEquals(points, curve.path("high").size());
    }

    @Test
    void a_training_of_two_seeds_leaves_policies_metrics_checkpoints_chart_and_report() throws IOException {
        Ran ran = policy(training(
                run("run"),
                "--env",
                "CartPole-v1",
                "--algo",
                "reinforce",
                "--seeds",
                "1..2",
                "--steps",
                3000,
                "--hidden",
                "8",
                "--json"));
        assertEquals(0, ran.code(), ran.err());
        JsonNode report = ran.json();
        assertEquals(
                List.of(
                        "command",
                        "versions",
                        "environment",
                        "trainedOn",
                        "algorithm",
                        "start",
                        "steps",
                        "wantedReturn",
                        "settings",
                        "seeds",
                        "parameters",
                        "distribution",
                        "effects",
                        "results",
                        "return",
                        "curve",
                        "out"),
                names(report));
        assertEquals(
                List.of(
                        "seed",
                        "end",
                        "updates",
                        "steps",
                        "seconds",
                        "stepsPerSecond",
                        "resumed",
                        "trainingReturn",
                        "policy",
                        "policyIs",
                        "evaluation"),
                names(report.path("results").path(0)));
        assertEquals(
                List.of("episodes", "sampled", "greedy", "threshold", "solved"),
                names(report.path("results").path(0).path("evaluation")));
        assertEndsWithTheFirstRun(report.path("curve"), report.path("curve"));
        assertEquals(
                report,
                new ObjectMapper().readTree(run("run").resolve("report.json").toFile()));
        for (String file : List.of("chart.png", "learning.svg", "seed-2/metrics.csv", "seed-2/policy/policy.json")) {
            assertTrue(Files.size(run("run").resolve(file)) > 100, file);
        }
        Ran evaluated = policy("eval", run("run").resolve("seed-2/policy"), "--episodes", 5, "--json");
        assertEquals("CartPole-v1", evaluated.json().path("environment").asText(), evaluated.err());
        assertTrue(evaluated.json().path("sampled").path("return").asDouble() > 5);
    }

    @Test
    void theory_prints_effects_and_what_was_used_beside_the_order() throws IOException {
        Ran ran = trainXor(run("run"), STEPS, "--horizon", 20, "--json");
        assertTrue(ran.err().contains("H = 20 (given)"), ran.err());
        assertTrue(ran.err().contains("A bias of at most 0.01 would take H = 88"), ran.err());
        JsonNode theory = ran.json().path("theory");
        assertEquals(20, theory.path("used").path("horizon").asInt());
        assertEquals(200, theory.path("used").path("policySteps").asInt());
        assertTrue(theory.path("sentence").asText().contains("epsilon^-6.5"));
    }

    @Test
    void an_interrupted_training_resumes_to_the_same_bits() throws Exception {
        assertEquals(0, trainXor(run("whole"), LONG).code());
        Ran[] interrupted = new Ran[1];
        Thread worker =
                new Thread(() -> interrupted[0] = trainXor(run("parts"), LONG, "--checkpoint-every", 1_000_000));
        worker.start();
        Path metrics = run("parts").resolve("seed-1/metrics.csv");
        while (worker.isAlive() && (!Files.exists(metrics) || Files.size(metrics) < 10_000)) {
            Thread.onSpinWait();
        }
        worker.interrupt();
        worker.join();
        assertEquals(130, interrupted[0].code(), interrupted[0].err());
        assertTrue(interrupted[0].err().contains("the same command and --resume"), interrupted[0].err());
        assertFalse(Files.exists(run("parts").resolve("report.json")));
        Ran resumed = trainXor(run("parts"), LONG, "--resume", "--json");
        assertEquals(0, resumed.code(), resumed.err());
        assertTrue(resumed.json().path("results").path(0).path("resumed").asBoolean());
        assertArrayEquals(
                bytes(run("whole").resolve(CHECKPOINT)), bytes(run("parts").resolve(CHECKPOINT)));
        assertEquals(withoutSpeed(run("whole")), withoutSpeed(run("parts")));
    }

    @Test
    void runs_of_other_seeds_differ_in_bits() throws IOException {
        trainXor(run("run"), STEPS, "--seeds", "1..2");
        assertFalse(Arrays.equals(
                bytes(run("run").resolve(CHECKPOINT)), bytes(run("run").resolve("seed-2/checkpoint.safetensors"))));
    }

    /** In batches it is another run, which only the same batches resume; one batch of all has the numbers of none. */
    @Test
    void batches_of_trajectories_belong_to_a_run() throws IOException {
        trainXor(run("all"), STEPS, "--batch", 4);
        Ran two = trainXor(run("two"), STEPS, "--batch", 4, "--rollout-batch", 2, "--json");
        assertEquals(2, two.json().path("rolloutBatch").asInt());
        trainXor(run("four"), STEPS, "--batch", 4, "--rollout-batch", 4);
        assertEquals(withoutSpeed(run("all")), withoutSpeed(run("four")));
        assertFalse(withoutSpeed(run("all")).equals(withoutSpeed(run("two"))));
        trainXor(run("two"), STEPS, "--batch", 4, "--resume").refused("the run's own rolloutBatch");
        trainXor(run("two"), STEPS, "--batch", 4, "--rollout-batch", 3, "--resume")
                .refused("the run's own rolloutBatch");
        assertEquals(
                0,
                trainXor(run("two"), STEPS, "--batch", 4, "--rollout-batch", 2, "--resume")
                        .code());
    }

    private static List<String> withoutSpeed(Path run) throws IOException {
        return Files.readAllLines(run.resolve("seed-1/metrics.csv")).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
    }

    @Test
    void a_finished_training_resumed_changes_nothing() throws IOException {
        trainXor(run("run"), STEPS);
        Map<String, String> before = contents(run("run"));
        assertEquals(0, trainXor(run("run"), STEPS, "--resume").code());
        assertEquals(before, contents(run("run")));
    }

    @Test
    void an_adapter_of_a_saved_policy_trains_and_plays_with_its_base() throws IOException {
        policy(training(run("base"), "--env", "CartPole-v1", "--algo", "reinforce", "--steps", 2000, "--hidden", "8"));
        Path base = run("base").resolve("seed-1/policy");
        Map<String, String> before = contents(base);
        Ran ran = policy(training(
                run("adapter"),
                "--env",
                "CartPole-v1?force=20",
                "--algo",
                "reinforce",
                "--steps",
                2000,
                "--adapter-of",
                base,
                "--json"));
        assertEquals(0, ran.code(), ran.err());
        assertEquals(4 + 8 + 8 + 2, ran.json().path("parameters").asInt());
        assertEquals(before, contents(base));
        Path adapter = run("adapter").resolve("seed-1/policy");
        policy("eval", adapter, "--episodes", 2).refused("needs its base");
        Ran played = policy("eval", adapter, "--base", base, "--episodes", 2, "--json");
        assertEquals("CartPole-v1?force=20", played.json().path("environment").asText(), played.err());
    }

    @Test
    void a_report_on_a_table_is_exact_and_sampled() throws IOException {
        trainXor(run("run"), STEPS);
        Ran ran = policy(
                "report",
                run("run").resolve("seed-1/policy"),
                "--gamma",
                0.9,
                "--horizon",
                20,
                "--trajectories",
                50,
                "--json");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.json().path("exact").path("exact").asBoolean());
        assertFalse(ran.json().path("sampled").path("exact").asBoolean());
        assertEquals(20, ran.json().path("sampled").path("horizon").asInt());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train --env CartPol-v1 --algo ppo|environment must be one of CartPole-v1",
                "train --env CartPole-v1?force=-1 --algo ppo|force must be > 0",
                "train --env CartPole-v1 --algo dqn|--algo must be one of",
                "train --env Pendulum-v1 --algo actor-critic|needs discrete actions",
                "train --env CartPole-v1 --algo gpomdp --horizon 501|within the time limit of CartPole-v1, 500 steps",
                "train --env CartPole-v1 --algo gpomdp --bias-tolerance 0.01|within the time limit",
                "train --env CartPole-v1 --algo ppo --horizon 10|settings of --algo gpomdp",
                "train --env Xor-v0 --algo gpomdp --horizon 5 --bias-tolerance 1|give one of them",
                "train --env CartPole-v1 --algo ppo --steps -5|--steps must be >= 1, got -5",
                "train --env CartPole-v1 --algo ppo --learning-rate -1|--learning-rate must be > 0",
                "train --env CartPole-v1 --algo ppo --learning-rate NaN|--learning-rate must be > 0",
                "train --env CartPole-v1 --algo ppo --gamma 1.5|--gamma must be > 0 and < 1",
                "train --env CartPole-v1 --algo ppo --batch 0|--batch must be >= 1",
                "train --env CartPole-v1 --algo ppo --rollout-batch 0|--rollout-batch must be >= 1",
                "train --env CartPole-v1 --algo ppo --hidden 64,-1|--hidden must be widths",
                "train --env CartPole-v1 --algo ppo --seeds 5..1|--seeds must be 1 to 1000 seeds",
                "train --env CartPole-v1 --algo ppo --seed 1 --seeds 1..2|exclude each other",
                "train --env CartPole-v1 --algo ppo --checkpoint-every 0|--checkpoint-every must be >= 1",
                "train --env CartPole-v1 --algo ppo --model no.zip|there is no file no.zip",
                "train --env CartPole-v1 --algo ppo --adapter-of no-dir|there is no policy directory no-dir",
                "train --env CartPole-v1 --algo ppo --resume|there is no run in",
                "eval no-dir|there is no policy directory no-dir",
                "eval no-dir --episodes 0|--episodes must be >= 1",
                "report no-dir|there is no policy directory no-dir",
                "report no-dir --trajectories 1|--trajectories must be >= 2",
                "report no-dir --epsilon -1|--epsilon must be > 0",
                "report no-dir --chi 0|--chi must be > 0"
            })
    void bad_input_is_refused_in_one_sentence_and_nothing_is_written(String line) {
        String[] parts = line.split("\\|", -1);
        Object[] words = parts[0].split(" ", -1);
        Path out = run("out");
        Object[] all = words[0].equals("train")
                ? Stream.concat(Stream.of(words), Stream.of("--out", out)).toArray()
                : words;
        policy(all).refused(parts[1]);
        assertFalse(Files.exists(out));
    }

    @Test
    void a_run_is_neither_overwritten_nor_resumed_with_other_settings() throws IOException {
        trainXor(run("run"), STEPS);
        Map<String, String> before = contents(run("run"));
        trainXor(run("run"), STEPS).refused("has a run already");
        trainXor(run("run"), STEPS, "--resume", "--learning-rate", 0.2).refused("step");
        trainXor(run("run"), STEPS, "--resume", "--seed", 2).refused("the run's own seeds");
        policy(training(run("run"), "--env", "XorLazy-v0", "--algo", "gpomdp", "--steps", STEPS, "--resume"))
                .refused("the run's own environment");
        assertEquals(before, contents(run("run")));
    }

    @Test
    void a_checkpoint_of_another_run_is_refused() throws IOException {
        trainXor(run("run"), STEPS);
        trainXor(run("other"), STEPS, "--learning-rate", 0.3);
        unfinish(run("run"));
        Files.copy(
                run("other").resolve(CHECKPOINT), run("run").resolve(CHECKPOINT), StandardCopyOption.REPLACE_EXISTING);
        Map<String, String> before = contents(run("run"));
        Ran ran = trainXor(run("run"), STEPS, "--resume");
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains("a run can only be resumed with its own algorithm"), ran.err());
        assertEquals(before, contents(run("run")));
    }

    /** As if it had been stopped before its end. */
    private static void unfinish(Path run) throws IOException {
        Files.delete(run.resolve("seed-1/result.json"));
        Files.delete(run.resolve("report.json"));
    }

    @Test
    void a_checkpoint_with_nan_is_refused_also_with_a_right_digest() throws Exception {
        trainXor(run("run"), STEPS);
        unfinish(run("run"));
        Path checkpoint = run("run").resolve(CHECKPOINT);
        byte[] good = bytes(checkpoint);
        rewrite(checkpoint, 0);
        assertArrayEquals(good, bytes(checkpoint), "the test writes checkpoints as they are");
        rewrite(checkpoint, Double.NaN);
        Map<String, String> before = contents(run("run"));
        Ran ran = trainXor(run("run"), STEPS, "--resume");
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains("parameters must be finite, got NaN"), ran.err());
        assertEquals(before, contents(run("run")));
    }

    @Test
    void a_damaged_checkpoint_is_refused() throws IOException {
        trainXor(run("run"), STEPS);
        unfinish(run("run"));
        Path checkpoint = run("run").resolve(CHECKPOINT);
        byte[] damaged = bytes(checkpoint);
        damaged[damaged.length - 5] ^= 1;
        Files.write(checkpoint, damaged);
        Ran ran = trainXor(run("run"), STEPS, "--resume");
        assertEquals(2, ran.code(), ran.err());
        assertArrayEquals(damaged, bytes(checkpoint));
    }

    /** Adds a number to the first parameter and signs the file anew. */
    private static void rewrite(Path checkpoint, double added) throws Exception {
        Map<String, String> metadata;
        TreeMap<String, double[]> numbers = new TreeMap<>();
        TreeMap<String, long[]> integers = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint)) {
            metadata = new TreeMap<>(file.metadata());
            for (TensorInfo tensor : file.tensors().values()) {
                if (tensor.dtype() == DType.F64) {
                    numbers.put(tensor.name(), file.readDoubles(tensor.name()));
                } else {
                    List<Long> all = new ArrayList<>();
                    file.forEachChunk(tensor.name(), chunk -> {
                        while (chunk.hasRemaining()) {
                            all.add(chunk.getLong());
                        }
                    });
                    integers.put(
                            tensor.name(),
                            all.stream().mapToLong(Long::longValue).toArray());
                }
            }
        }
        numbers.get("policy.parameters")[0] += added;
        metadata.remove("digest");
        metadata.put("digest", digest(metadata, numbers, integers));
        List<TensorData> tensors = new ArrayList<>();
        numbers.forEach(
                (name, values) -> tensors.add(TensorData.ofDoubles(name, List.of((long) values.length), values)));
        integers.forEach(
                (name, values) -> tensors.add(TensorData.ofLongs(name, List.of((long) values.length), values)));
        SafetensorsWriter.write(checkpoint, metadata, tensors);
    }

    private static String digest(
            Map<String, String> metadata, Map<String, double[]> numbers, Map<String, long[]> integers)
            throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        metadata.forEach((key, value) -> Stream.of(key, value).forEach(text -> update(sha, text)));
        numbers.forEach((name, values) -> {
            update(sha, name);
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length);
            bytes.asDoubleBuffer().put(values);
            sha.update(bytes);
        });
        integers.forEach((name, values) -> {
            update(sha, name);
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length);
            bytes.asLongBuffer().put(values);
            sha.update(bytes);
        });
        return HexFormat.of().formatHex(sha.digest());
    }

    private static void update(MessageDigest sha, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        sha.update(bytes);
    }
}
