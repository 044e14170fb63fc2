/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.amend4j.app.cli.Ran;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** What {@code unlearn delete} does to a model of real digits if nobody asks for anything in particular. */
class DefaultDeletionTest {

    /** The largest share of the bound on the parameters' norm that noise may have. */
    private static final double SHARE = 0.01;

    @TempDir
    private Path temp;

    private Path training = Path.of("");
    private Path holdout = Path.of("");
    private String trained = "";

    /** Images within a ball of radius 1, every fifth one held out. */
    private Path network() throws IOException {
        List<String> rows;
        try (var in = new GZIPInputStream(
                        DefaultDeletionTest.class.getResourceAsStream("/org/amend4j/app/uci/digits.csv.gz"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            rows = lines.lines().map(DefaultDeletionTest::scaled).toList();
        }
        training = write("training.csv", rows, false);
        holdout = write("holdout.csv", rows, true);
        MultiLayerNetwork head = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .list()
                .layer(new OutputLayer.Builder()
                        .nIn(64)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        head.init();
        Path zip = temp.resolve("head.zip");
        ModelSerializer.writeModel(head, zip.toFile(), false);
        return zip;
    }

    private static String scaled(String line) {
        String[] numbers = line.split(",", -1);
        return IntStream.range(0, 64)
                        .mapToObj(i -> String.format(Locale.ROOT, "%.5f", Double.parseDouble(numbers[i]) / 16 / 5))
                        .collect(Collectors.joining(","))
                + "," + numbers[64];
    }

    private Path write(String name, List<String> rows, boolean held) throws IOException {
        String header = IntStream.range(0, 64).mapToObj(i -> "p" + i).collect(Collectors.joining(",")) + ",digit";
        List<String> lines = new ArrayList<>(List.of(header));
        IntStream.range(0, rows.size()).filter(row -> (row % 5 == 0) == held).forEach(row -> lines.add(rows.get(row)));
        return Files.write(temp.resolve(name), lines);
    }

    private Path trained(String options) throws IOException {
        Path run = temp.resolve("run");
        List<Object> all = new ArrayList<>(List.of("unlearn", "train", network(), "--data", training, "--out", run));
        all.addAll(Arrays.asList((Object[]) ("--label digit --feature-radius 1 --planned-records 2048 " + options)
                .strip()
                .split(" +")));
        trained = amend4j(all.toArray()).done().out();
        return run;
    }

    private Ran on(String command, Path run, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", command, run, "--data", training, "--json"));
        all.addAll(List.of(more));
        return amend4j(all.toArray()).done();
    }

    /** The way that is taken, and its law. */
    private static JsonNode taken(JsonNode plan) {
        double norm = plan.path("largestNorm").asDouble();
        List<JsonNode> allowed = new ArrayList<>();
        List<JsonNode> taken = new ArrayList<>();
        for (JsonNode way : plan.path("ways")) {
            boolean priced = List.of("cold run", "descent to delete")
                    .contains(way.path("way").asText());
            if (!priced && way.path("noiseNorm").asDouble(0) <= SHARE * norm) {
                allowed.add(way);
            }
            if (way.path("taken").asBoolean()) {
                taken.add(way);
            }
        }
        assertEquals(1, taken.size(), plan.toString());
        long least = allowed.stream()
                .mapToLong(way -> way.path("recordGradients").asLong())
                .min()
                .orElseThrow();
        assertTrue(allowed.contains(taken.get(0)), plan.toString());
        assertEquals(least, taken.get(0).path("recordGradients").asLong(), plan.toString());
        return taken.get(0);
    }

    @OneIn(3)
    @ParameterizedTest
    @CsvSource({
        "--steps 200 --step-size 1.9, 0.85",
        "--steps 200 --step-size 1.9 --weight-decay 0.003, 0.85",
        "--steps 300 --step-size 1.9 --weight-decay 0.01 --checkpoints every:5, 0.8",
        "--steps 200 --step-size 0.5 --batches epochs:50, 0.7"
    })
    void what_is_taken_by_default_is_the_cheapest_with_a_hundredth_of_noise_and_as_good_as_retraining(
            String options, double accuracy) throws IOException {
        Path run = trained(options);
        JsonNode plan = on("plan", run, "--subject", "1").json();
        JsonNode taken = taken(plan);
        Ran ran = on("delete", run, "--subject", "1", "--holdout", holdout, "--retrained");
        JsonNode done = ran.json();
        assertEquals(taken.path("way").asText(), done.path("way").asText());
        boolean converges = taken.path("way").asText().equals("convergence");
        assertEquals(
                converges ? 0 : taken.path("steps").asInt(), done.path("redone").asInt());
        JsonNode held = done.path("holdout");
        double before = held.path("before").path("accuracy").asDouble();
        double after = held.path("after").path("accuracy").asDouble();
        double retrained = held.path("retrained").path("accuracy").asDouble();
        assertTrue(before > accuracy, held.toString());
        assertEquals(retrained, after, 0.02, held.toString());
    }

    @Test
    void what_cannot_be_undone_and_who_is_pending_is_said_once_before_anything_is_done() throws IOException {
        Path run = trained("--steps 20 --step-size 1.9 --weight-decay 0.003 --parameter-radius 100");
        assertTrue(trained.contains("warning: by default even one record will be forgotten by retraining"), trained);
        String words = amend4j("unlearn", "plan", run, "--data", training, "--subject", 1)
                .done()
                .out();
        assertTrue(words.contains("unlearn delete takes: retraining: 20 of 20 steps, about "), words);
        assertTrue(words.contains("the loss on the retained records is then at most"), words);
        Ran ran = amend4j("unlearn", "delete", run, "--data", training, "--subject", 1);
        String said = ran.done().err() + ran.out();
        assertEquals(2, said.split("1 request is on the disk and pending", -1).length, said);
        int warned = said.indexOf("This cannot be undone: the checkpoints after step 0 and the model of release 0");
        assertTrue(warned >= 0 && warned < said.indexOf("forgotten by retraining: the same bytes"), said);
    }

    @Test
    void an_evaluation_changes_nothing_and_is_that_of_the_deletion_before_it() throws IOException {
        Path run = trained("--steps 40 --step-size 1.9");
        on("delete", run, "--subject", "1", "--method", "retrain");
        byte[] state = Files.readAllBytes(run.resolve("state.json"));
        JsonNode evaluated =
                on("eval", run, "--holdout", holdout, "--retrained").json();
        assertEquals(1, evaluated.path("release").asInt());
        assertEquals(evaluated.path("retrained"), evaluated.path("released"));
        assertArrayEquals(state, Files.readAllBytes(run.resolve("state.json")));
        JsonNode next =
                on("delete", run, "--subject", "2", "--holdout", holdout).json();
        assertEquals(evaluated.path("released"), next.path("holdout").path("before"));
        assertFalse(next.path("holdout").has("retrained"));
        Ran without = amend4j("unlearn", "eval", run, "--data", training);
        assertTrue(without.code() == 2 && without.err().contains("Missing option: --holdout=CSV"), without.err());
        amend4j("unlearn", "delete", run, "--data", training, "--subject", 3, "--retrained")
                .refused("--holdout names its rows");
        amend4j("unlearn", "eval", run, "--data", training, "--holdout", temp.resolve("none.csv"))
                .refused("there is no file");
    }
}
