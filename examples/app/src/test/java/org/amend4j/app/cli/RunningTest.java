/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** Long runs: beside one another, stopped, killed, and what they say meanwhile. */
class RunningTest {

    @TempDir
    private Path folder;

    private Path out = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .list()
                .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
                .layer(new OutputLayer.Builder()
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        ModelSerializer.writeModel(network, folder.resolve("model.zip").toFile(), false);
        Random random = new Random(11);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            rows.append(String.format(Locale.ROOT, "%.4f,%.4f,k%d%n", random.nextDouble(), random.nextDouble(), i % 2));
        }
        Files.writeString(folder.resolve("table.csv"), rows);
        out = folder.resolve("adapter");
    }

    private Object[] train(int epochs, Object... more) {
        Object[] words = {
            "lora",
            "train",
            "--model",
            folder.resolve("model.zip"),
            "--data",
            folder.resolve("table.csv"),
            "--out",
            out,
            "--epochs",
            epochs,
            "--json"
        };
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    /** In a process of its own, until this file is there. */
    private Process started(Path begun, Object... words) throws Exception {
        Process process = Started.amend4j(folder, words);
        while (process.isAlive() && !Files.exists(begun)) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), Files.readString(folder.resolve("err")));
        return process;
    }

    private Path lock() {
        return folder.resolve(".adapter.lock");
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void end(Process process, int code) throws InterruptedException {
        assertTrue(process.waitFor(5, TimeUnit.MINUTES));
        assertEquals(code, process.exitValue());
    }

    private Path checkpoint() {
        return folder.resolve("adapter.checkpoint.safetensors");
    }

    @Test
    void aSecondRunIsRefusedAtItsStartAndSigtermEndsTheFirstLikeCtrlCButWith143() throws Exception {
        Process first = started(checkpoint(), train(Integer.MAX_VALUE, "--checkpoint-every", 1));
        try {
            amend4j(train(1)).refused("--out: another run is writing to " + out);
            amend4j(train(1, "--resume")).refused("--out: another run is writing to " + out);
            amend4j("lora", "merge", "--model", folder.resolve("model.zip"), "--adapter", folder, "--out", out)
                    .refused("--out: another run is writing to " + out);
        } finally {
            first.destroy(); // SIGTERM
        }
        end(first, 143);
        assertTrue(Files.readString(folder.resolve("err"))
                .endsWith(String.format(
                        Locale.ROOT,
                        "amend4j: interrupted.%nThe checkpoint is %s: continue with the same command and --resume.%n",
                        checkpoint())));
        assertEquals("", Files.readString(folder.resolve("said")));
        assertEquals(List.of("adapter.checkpoint.safetensors", "err", "model.zip", "said", "table.csv"), left());
    }

    @Test
    void aRunThatIsStoppedBeforeItsFirstStepSaysNothingOfACheckpoint() throws Exception {
        Process process = started(lock(), train(Integer.MAX_VALUE));
        process.destroy();
        end(process, 143);
        boolean kept = Files.exists(checkpoint());
        assertEquals(kept, Files.readString(folder.resolve("err")).contains("--resume"));
        assertFalse(Files.exists(lock()));
    }

    /** SameDiff prints what it differentiates. */
    @Test
    void onlyTheResultIsOnStandardOutput() throws Exception {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nOut(4).build())
                .layer(new RepeatVector.Builder<>(3).build())
                .layer(new LocallyConnected1D.Builder().kernelSize(2).nOut(3).build())
                .layer(new GlobalPoolingLayer.Builder().build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(2))
                .build());
        network.init();
        ModelSerializer.writeModel(network, folder.resolve("model.zip").toFile(), false);
        end(Started.amend4j(folder, train(1, "--targets", "2")), 0);
        JsonNode result = new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(folder.resolve("said").toFile());
        assertEquals(20, result.path("examples").asInt());
    }

    @Test
    void aRunThatWasKilledHindersNobody() throws Exception {
        end(started(lock(), train(Integer.MAX_VALUE)).destroyForcibly(), 137);
        assertTrue(Files.exists(lock()));
        assertEquals(0, amend4j(train(1)).code());
        assertEquals(List.of("adapter", "err", "model.zip", "said", "table.csv"), left());
    }

    /** 20 lines of losses, one when it is over, and those after 10, 20, 40, ... seconds. */
    @Test
    void howeverManyEpochsARunInAPipeSaysFewLines() {
        Ran ran = amend4j(train(1_000));
        assertEquals(0, ran.code(), ran.err());
        List<String> losses =
                ran.err().lines().filter(line -> line.startsWith("training: ")).toList();
        assertTrue(losses.size() >= 20 && losses.size() <= 30, ran.err());
        assertTrue(losses.get(0).contains("epoch 50 of 1000, loss "), losses.get(0));
        assertTrue(ran.err().lines().count() <= 35, ran.err());
    }
}
