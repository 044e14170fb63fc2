/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.amend4j.app.cli.Amend4j;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The command line on model zips with concatenations, skips and upsampling, from the file to the merged file. */
class KerasCommandsTest {

    /** Three batches an epoch. */
    private static final int PICTURES = 96;

    private static final String DATA = "/org/amend4j/app/fashion-mnist/";

    @TempDir
    private Path folder;

    private record Ran(int code, String out, String err) {
        JsonNode json() throws IOException {
            assertEquals(0, code, err);
            return new ObjectMapper().readTree(out);
        }
    }

    private static Ran amend4j(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Amend4j.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Ran(code, out.toString(), err.toString());
    }

    private static void refused(Ran ran, String sentence) {
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().contains(sentence), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertEquals("", ran.out());
    }

    private Path resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(DATA + name), name)) {
            Path file = folder.resolve(name);
            Files.copy(in, file);
            return file;
        }
    }

    /** The first {@value #PICTURES} of an IDX file, whose header is so many integers, the second of which counts. */
    private Path first(String name, int integers, int bytesEach) throws IOException {
        Path file = resource(name);
        ByteBuffer all;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            all = ByteBuffer.wrap(in.readNBytes(integers * Integer.BYTES + PICTURES * bytesEach));
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(all.putInt(Integer.BYTES, PICTURES).array());
        }
        return file;
    }

    private Path written(ComputationGraph network) throws IOException {
        Path model = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, model.toFile(), false);
        return model;
    }

    @OneIn(6)
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"unet, NHWC", "unet, NCHW", "inception, NHWC", "inception, NCHW"})
    void a_classifier_is_looked_at_trained_measured_merged_and_planned(String kind, CNN2DFormat format)
            throws IOException {
        Path model = written(
                kind.equals("unet")
                        ? OwnGraphs.classifyingUnet(DataType.FLOAT, format, 10)
                        : OwnGraphs.inception(DataType.FLOAT, format, 10));
        Path pictures = first("t10k-images-1000-idx3-ubyte.gz", 4, 28 * 28);
        Path labels = first("t10k-labels-1000-idx1-ubyte.gz", 2, 1);
        Path adapter = folder.resolve("adapter");
        byte[] before = Files.readAllBytes(model);

        assertTrue(amend4j("lora", "info", model, "--json").json().get("layers").size() > 5);
        JsonNode trained = amend4j(
                        "lora",
                        "train",
                        "--model",
                        model,
                        "--data",
                        pictures,
                        "--labels",
                        labels,
                        "--side",
                        OwnGraphs.SIDE,
                        "--out",
                        adapter,
                        "--targets",
                        "/.*/",
                        "--rank",
                        1,
                        "--epochs",
                        2,
                        "--lr",
                        0.01,
                        "--json")
                .json();
        JsonNode measured = amend4j(
                        "lora",
                        "eval",
                        "--model",
                        model,
                        "--adapter",
                        adapter,
                        "--data",
                        pictures,
                        "--labels",
                        labels,
                        "--json")
                .json();
        assertTrue(Double.isFinite(trained.get("loss").asDouble()));
        assertTrue(
                measured.get("crossEntropy").asDouble()
                        < measured.get("baseCrossEntropy").asDouble(),
                measured::toString);

        Path merged = folder.resolve("merged.zip");
        amend4j("lora", "merge", "--model", model, "--adapter", adapter, "--out", merged, "--json")
                .json();
        INDArray picture = Nd4j.linspace(0, 1, OwnGraphs.SIDE * OwnGraphs.SIDE, DataType.FLOAT)
                .reshape(
                        format == CNN2DFormat.NHWC
                                ? new long[] {1, OwnGraphs.SIDE, OwnGraphs.SIDE, 1}
                                : new long[] {1, 1, OwnGraphs.SIDE, OwnGraphs.SIDE});
        ComputationGraph plain = ModelSerializer.restoreComputationGraph(merged.toFile(), false);
        ComputationGraph adapted =
                AdaptedModel.load(BaseModel.open(model), adapter, training()).graph();
        // 20 layers of sums of up to 108 terms; outputs are at most 1
        assertEquals(
                0,
                plain.outputSingle(picture)
                        .sub(adapted.outputSingle(picture))
                        .amaxNumber()
                        .doubleValue(),
                20 * Math.sqrt(108) * 0x1p-24);

        JsonNode output =
                amend4j("plan", merged, "--side", OwnGraphs.SIDE, "--json").json();
        JsonNode gradient = amend4j("plan", model, "--adapter", adapter, "--batch", 4, "--json")
                .json();
        assertEquals("OUTPUT", output.get("variant").asText());
        assertEquals(
                trained.get("trainableParameters").asLong(),
                gradient.get("trainedParameters").asLong());
        assertTrue(gradient.get("steps").asInt() > output.get("steps").asInt());
        assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(model)), "the model's file");
    }

    private static FineTuneConfiguration training() {
        return new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build();
    }

    /** Commands that learn read classes: a network from pictures to pictures is trained by the library, and used by the rest. */
    @Test
    void a_super_resolution_network_is_looked_at_merged_and_planned_and_training_it_refused() throws IOException {
        Path model = written(Esrgan.threefold());
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.open(model), LoraConfig.of(2, 4).withTargets(Targets.names("UPN3", "SR")), training());
        KerasGraph.move(adapted.graph(), 0.01, 7);
        Path adapter = folder.resolve("adapter");
        adapted.save(adapter);

        assertEquals(
                226_815,
                amend4j("lora", "info", model, "--json")
                        .json()
                        .get("parameters")
                        .asInt());
        assertEquals(
                2,
                amend4j("lora", "info", adapter, "--json").json().get("adapted").size());
        Path merged = folder.resolve("merged.zip");
        amend4j("lora", "merge", "--model", model, "--adapter", adapter, "--out", merged, "--json")
                .json();
        INDArray picture = Nd4j.linspace(0, 255, 6 * 5 * 3, DataType.FLOAT).reshape(1, 6, 5, 3);
        INDArray expected = adapted.graph().outputSingle(picture);
        // as in KerasGraphsTest
        assertEquals(
                0,
                ModelSerializer.restoreComputationGraph(merged.toFile(), false)
                        .outputSingle(picture)
                        .sub(expected)
                        .amaxNumber()
                        .doubleValue(),
                20 * Math.sqrt(5 * 5 * 64) * 0x1p-24 * expected.amaxNumber().doubleValue());
        Ran plan = amend4j("plan", merged, "--side", 32);
        assertEquals(0, plan.code(), plan.err());
        assertTrue(plan.out().contains("upsample [32 x 32 x 27] to [96 x 96 x 27]"), plan.out());
        assertTrue(plan.out().contains("merge channels to [32 x 32 x 128]"), plan.out());
        assertTrue(amend4j("plan", merged).out().contains("--side"), "the usual side is said to be assumed");
        refused(
                amend4j(
                        "lora",
                        "train",
                        "--model",
                        model,
                        "--data",
                        resource("t10k-images-1000-idx3-ubyte.gz"),
                        "--labels",
                        resource("t10k-labels-1000-idx1-ubyte.gz"),
                        "--side",
                        8,
                        "--out",
                        folder.resolve("new")),
                "the model ends in 'SR', which gives pictures; this command is for classes");
        refused(
                amend4j("plan", model, "--lora", "--targets", "SR", "--rank", 1, "--side", 8),
                "needs a loss at every output, got output 'SR' without one");
    }
}
