/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.job.Progress;
import org.amend4j.graph.BlockPlace;
import org.amend4j.model.NormClipVertex;
import org.amend4j.testkit.PlacedBlocks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Models that forget and whose gradients are added up in blocks, from the command line. */
class BlockCommandsTest {

    private static final int SUBJECTS = 30;
    private static final String LEARNING = "--label kind --owner person --steps 24 --step-size 0.3 --weight-decay 0.2"
            + " --planned-records 256 --delta 1e-5 --checkpoints every:3 --train head";

    @TempDir
    private Path temp;

    private Path trunk = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        table = Files.writeString(temp.resolve("table.csv"), rows("p", 7));
        trunk = temp.resolve("trunk.zip");
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "trunk",
                        new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(6)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addVertex("ball", new NormClipVertex(1), "trunk")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "ball")
                .setOutputs("out")
                .build());
        graph.init();
        ModelSerializer.writeModel(graph, trunk.toFile(), false);
    }

    /** Each person's four rows follow one another. */
    private static String rows(String person, long seed) {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 4 * SUBJECTS; row++) {
            double[] x = random.doubles(3, -1, 1).toArray();
            rows.append(String.format(
                    Locale.ROOT,
                    "%s%d,%.6f,%.6f,%.6f,%s%n",
                    person,
                    row / 4,
                    x[0],
                    x[1],
                    x[2],
                    x[0] + random.nextGaussian() / 3 > 0 ? "yes" : "no"));
        }
        return rows.toString();
    }

    private Ran train(Path out, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", "train", trunk, "--data", table, "--out", out, "--json"));
        all.addAll(List.of((Object[]) LEARNING.split(" ", -1)));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private Ran on(String command, Path folder, Object... more) {
        List<Object> all = new ArrayList<>(List.of("unlearn", command, folder, "--data", table, "--json"));
        all.addAll(List.of(more));
        return amend4j(all.toArray());
    }

    private static Path keysOf(Path run) {
        return Path.of(run + "-keys");
    }

    /** The released adapter, byte for byte. */
    private static byte[] parameters(Path release) throws IOException {
        try (Stream<Path> files = Files.list(release)) {
            return Files.readAllBytes(files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow());
        }
    }

    private void copy(Path from, Path to) throws IOException {
        for (Path folder : List.of(from, keysOf(from))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            (folder.equals(from) ? to : keysOf(to))
                                    .resolve(folder.relativize(file).toString()),
                            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** Four rows of a person are a block, so that every deletion empties one. */
    @Test
    void peopleAreForgottenWithTheCertificatesOfARunWithoutBlocks() throws IOException {
        Path run = temp.resolve("run");
        Path whole = temp.resolve("whole");
        JsonNode trained = train(run, "--block-size", 4).done().json();
        JsonNode without = train(whole).done().json();
        assertEquals(4, trained.path("blockSize").asInt());
        assertFalse(without.has("blockSize") && !without.path("blockSize").isNull(), without.toString());
        for (String field : List.of("kind", "parameters", "gradientBound", "lipschitz", "rounding", "assumptions")) {
            assertEquals(without.path(field), trained.path(field), field);
        }
        assertEquals(claims(whole, "p3"), claims(run, "p3"));

        Path five = Files.writeString(temp.resolve("five.txt"), "p3\np4\np5\np6\np7\n");
        JsonNode forgotten =
                on("delete", run, "--subjects-file", five, "--any-noise").done().json();
        JsonNode forgottenWhole = on("delete", whole, "--subjects-file", five, "--any-noise")
                .done()
                .json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        for (String field : List.of("verdict", "level", "sigma", "mu", "checkpoint")) {
            assertEquals(forgottenWhole.path(field), forgotten.path(field), field);
        }
        assertTrue(amend4j("unlearn", "verify", run, "--public-key", keysOf(run).resolve("issuer.public"), "--json")
                .done()
                .json()
                .path("valid")
                .asBoolean());
        Path strangers = Files.writeString(temp.resolve("strangers.csv"), rows("q", 8));
        on("audit", run, "--holdout", strangers, "--shadows", 4).done();
    }

    /** All that a plan says but for losses, which were added up in another order, and how long things take. */
    private JsonNode claims(Path run, String person) throws IOException {
        JsonNode plan = on("plan", run, "--subject", person).done().json();
        ((ObjectNode) plan).remove("retainedLoss");
        plan.findParents("seconds").forEach(way -> ((ObjectNode) way).remove("seconds"));
        plan.findParents("bounds").forEach(way -> ((ObjectNode) way).remove("bounds"));
        return plan;
    }

    @Test
    void anExactRewindIsRetrainingOnTheBlocksThatAreLeftBitForBit() throws IOException {
        Path run = temp.resolve("run");
        train(run, "--block-size", 4, "--batches", "epochs:24").done();
        String person = Stream.iterate(0, k -> k + 1)
                .limit(10)
                .map(k -> "p" + k)
                .filter(this::hasAnExactRewind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("none of ten people has an exact rewind"));
        Path twin = temp.resolve("twin");
        copy(run, twin);
        JsonNode exact = on("delete", run, "--subject", person, "--method", "exact")
                .done()
                .json();
        assertEquals("EXACT", exact.path("verdict").asText());
        assertTrue(exact.path("checkpoint").asInt() > 0);
        on("delete", twin, "--subject", person, "--method", "retrain").done();
        assertArrayEquals(parameters(twin.resolve("releases/1")), parameters(run.resolve("releases/1")));
    }

    private boolean hasAnExactRewind(String person) {
        try {
            return on("plan", temp.resolve("run"), "--subject", person)
                    .done()
                    .json()
                    .path("ways")
                    .findValuesAsText("way")
                    .stream()
                    .anyMatch(way -> way.startsWith("exact rewind"));
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    /** Three groups of blocks stand for three executors. */
    @Test
    void whatIsTrainedAndForgottenElsewhereHasTheBitsOfHere() throws Exception {
        Progress quiet = Progress.to(new PrintWriter(Writer.nullWriter()));
        AtomicInteger asked = new AtomicInteger();
        BlockPlace elsewhere = (graph, settings, records) -> {
            asked.incrementAndGet();
            return PlacedBlocks.of(BlockPlace.HERE.sums(graph, settings, records), 3, 1);
        };
        Path here = temp.resolve("here");
        train(here, "--block-size", 7).done();
        Path there = temp.resolve("there");
        ForgettingSettings settings = SettingsFile.read(here).stored("", "", "");
        try (ForgetfulFolder folder = ForgetfulFolder.begin(
                there,
                keysOf(there),
                table,
                ForgetfulNetwork.whole(trunk, false).withHead().at(elsewhere),
                settings)) {
            assertEquals(1, asked.get(), "checks compute nothing");
            folder.train(quiet);
        }
        assertArrayEquals(parameters(here.resolve("releases/0")), parameters(there.resolve("releases/0")));
        on("delete", here, "--subject", "p1", "--method", "retrain").done();
        try (ForgetfulFolder folder = ForgetfulFolder.open(there, keysOf(there), table, elsewhere)) {
            new ForgetJob(folder, quiet).forget(List.of("p1"), ForgetJob.Choice.RETRAIN, false);
        }
        assertArrayEquals(parameters(here.resolve("releases/1")), parameters(there.resolve("releases/1")));
        assertEquals(2, asked.get());
    }

    @Test
    void oneBlockOfAllRowsHasTheBitsOfARunWithoutBlocks() throws IOException {
        train(temp.resolve("one"), "--block-size", 1000).done();
        train(temp.resolve("whole")).done();
        assertArrayEquals(parameters(temp.resolve("whole/releases/0")), parameters(temp.resolve("one/releases/0")));
    }

    @Test
    void blocksBelongToTheRun() throws IOException {
        Path run = temp.resolve("run");
        train(run, "--block-size", -1).refused("--block-size must be >= 0, got -1");
        assertFalse(Files.exists(run));
        train(run, "--block-size", 8).done();
        train(run, "--block-size", 9).refused("begun with another network or other options");
        train(run, "--block-size", 8).refused("holds a trained model already");
        assertTrue(Files.readString(run.resolve("service.json")).contains("\"blockSize\" : 8"));
    }

    /** Files of earlier versions say nothing of blocks. */
    @Test
    void settingsOfVersionThreeHaveNoBlocks() throws IOException {
        Path run = temp.resolve("run");
        train(run).done();
        Path file = run.resolve("service.json");
        String now = Files.readString(file);
        String before = now.replaceFirst(",\\s*\"blockSize\" : 0", "").replace("\"version\" : 4", "\"version\" : 3");
        assertFalse(before.contains("blockSize"));
        ForgettingSettings read = SettingsFile.read(run);
        Files.writeString(file, before);
        assertEquals(read, SettingsFile.read(run));
        on("delete", run, "--subject", "p1", "--method", "retrain").done();
    }
}
