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
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** {@code lora train} with as few options as possible, and what it says where they do not fit. */
class LoraDefaultsTest {

    /** Infinite in single precision: times a gradient that is zero, as A's is at first, it is no number. */
    private static final double TOO_LONG = 1e39;

    @TempDir
    private Path folder;

    private Path table = Path.of("");
    private Path model = Path.of("");

    /** Dense layers of 4 to 8, 8 to 5, and 5 to 3 outputs: the default rank of 8 fits none. */
    @BeforeEach
    void makeModelAndTable() throws IOException {
        model = saved(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(8).build())
                .layer(new DenseLayer.Builder().nIn(8).nOut(5).build())
                .layer(new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        Random random = new Random(11);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            double[] x = random.doubles(4, -1, 1).toArray();
            rows.append(String.format(Locale.ROOT, "%.4f,%.4f,%.4f,%.4f,k%d%n", x[0], x[1], x[2], x[3], i % 3));
        }
        table = Files.writeString(folder.resolve("table.csv"), rows);
    }

    private Path saved(org.deeplearning4j.nn.conf.MultiLayerConfiguration configuration) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        Path zip = folder.resolve("model-" + configuration.getConfs().size() + ".zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return zip;
    }

    private Ran train(String out, Object... more) {
        Object[] first = {
            "lora", "train", "--model", model, "--data", table, "--out", folder.resolve(out), "--epochs", 1, "--json"
        };
        return amend4j(first, more);
    }

    private Ran trainInTwoSteps(String out, Object... more) {
        Object[] first = {
            "lora", "train", "--model", model, "--data", table, "--out", folder.resolve(out), "--epochs", 2, "--json"
        };
        return amend4j(joined(first, new Object[] {"--batch", 100}), more);
    }

    private JsonNode layers(String adapter) throws IOException {
        return amend4j("lora", "info", folder.resolve(adapter), "--json").json().path("adapted");
    }

    @Test
    void anEmbeddingReadsAColumnOfWholeNumbers() throws IOException {
        Path words = saved(new NeuralNetConfiguration.Builder()
                .seed(5)
                .list()
                .layer(new EmbeddingLayer.Builder().nIn(6).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        Object[] on = {"--model", words, "--data", table};
        Object[] train = {"lora", "train", "--targets", "0", "--lr", 0.1, "--validation", 0, "--epochs", 30};
        String rows = "0,a\n1,b\n2,a\n3,b\n4,a\n5,b\n";
        for (String odd : List.of("6", "-1", "0.5")) {
            Files.writeString(table, rows + odd + ",a\n");
            amend4j(joined(train, on), "--out", folder.resolve("odd"))
                    .refused("numbers must be whole, from 0 to 5", "in example 7");
        }
        Files.writeString(table, rows);
        Path adapter = folder.resolve("adapter");
        amend4j(joined(train, on), "--out", adapter).done();
        JsonNode right = amend4j(joined(new Object[] {"lora", "eval"}, on), "--adapter", adapter, "--json")
                .json();
        assertEquals(1, right.path("accuracy").asDouble());
    }

    /**
     * Wherever it shows first: in factors that are preconditioned, products of which are infinite in single precision, in the loss, or in
     * what the last step leaves.
     */
    @Test
    void aTrainingThatDivergesIsBadInputAndLeavesNothing() throws IOException {
        Object[] train = {"lora", "train", "--model", model, "--data", table, "--out", folder.resolve("adapter")};
        for (Object[] how : new Object[][] {
            {"--lr", 1e25, "--epochs", 5, "--riemannian"},
            {"--lr", TOO_LONG, "--epochs", 5},
            {"--lr", TOO_LONG, "--epochs", 1, "--batch", 100}
        }) {
            Ran ran = amend4j(train, how);
            assertEquals(2, ran.code(), ran.err());
            assertTrue(ran.err().endsWith("a smaller --lr may help" + System.lineSeparator()), ran.err());
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(model, table), left.sorted().toList());
        }
    }

    /** One step from near zero to logits of hundreds, right for some examples only. */
    @Test
    void aTrainingThatEndsAboveItsStartSaysSo() throws IOException {
        Ran ran =
                trainInTwoSteps("adapter", "--targets", "none", "--train-in-full", 2, "--updater", "sgd", "--lr", 1e4);
        JsonNode facts = ran.json();
        assertTrue(facts.path("loss").asDouble() > 2 * facts.path("firstLoss").asDouble(), facts.toString());
        String sentence = facts.path("warning").asText();
        assertTrue(sentence.startsWith("the loss ends above its start, at "), sentence);
        assertTrue(sentence.endsWith("a smaller --lr may help"), sentence);
        assertTrue(ran.err().contains("warning: " + sentence), ran.err());
        assertFalse(trainInTwoSteps("better").json().path("warning").isTextual());
        assertFalse(train("once", "--batch", 100).json().path("warning").isTextual(), "one loss cannot be compared");
    }

    /** Steps below the smallest float: Adam's are as long as the learning rate. */
    @Test
    void aTrainingThatMovesNothingSaysSo() throws IOException {
        Ran ran = train("adapter", "--lr", 1e-60);
        String sentence = "no step has moved any parameter: a larger --lr may help";
        assertEquals(sentence, ran.json().path("warning").asText());
        assertTrue(ran.err().contains("warning: " + sentence), ran.err());
        assertEquals(
                "the loss has not moved from 1.1097: another --lr may help",
                trainInTwoSteps("hardly", "--lr", 1e-12).json().path("warning").asText());
    }

    private static Object[] joined(Object[] first, Object[] then) {
        return Stream.of(first, then).flatMap(Stream::of).toArray();
    }

    @Test
    void theDefaultRankIsWhatEveryLayerAllowsAndTheNoteSaysSo() throws IOException {
        Ran ran = train("adapter");
        String note = "rank 4 for '0'; rank 5 for '1': their weights allow no more, so not 8; the scaling is the same";
        assertEquals(note, ran.json().path("notes").path(0).asText());
        assertTrue(ran.err().contains(note), ran.err());
        JsonNode layers = layers("adapter");
        assertEquals(4, layers.path(0).path("rank").asInt());
        assertEquals(5, layers.path(1).path("rank").asInt());
        assertEquals(2.0, layers.path(1).path("scaling").asDouble());
        assertEquals(0, train("fits", "--rank", 4).json().path("notes").size());
    }

    @Test
    void aRankThatWasGivenIsRefusedAboveALayersLimit() {
        train("adapter", "--rank", 8)
                .refused("--rank must be <= 4", "target '0'", "got 8", "--rank-pattern", "--exclude");
        amend4j("plan", model, "--lora", "--rank", 8).refused("--rank must be <= 4");
        assertFalse(Files.exists(folder.resolve("adapter")));
    }

    @Test
    void patternsGiveSingleLayersTheirRankAndAlpha() throws IOException {
        train("adapter", "--rank", 4, "--rank-pattern", "[1-9]=5", "--rank-pattern", "0=2", "--alpha-pattern", "1=10")
                .json();
        JsonNode layers = layers("adapter");
        assertEquals(2, layers.path(0).path("rank").asInt());
        assertEquals(8.0, layers.path(0).path("scaling").asDouble());
        assertEquals(5, layers.path(1).path("rank").asInt());
        assertEquals(2.0, layers.path(1).path("scaling").asDouble());
        assertEquals(
                2 * 12 + 5 * 13,
                amend4j("plan", model, "--lora", "--rank-pattern", "0=2", "--json")
                        .json()
                        .path("trainedParameters")
                        .asInt());
    }

    @Test
    void everyRefusalNamesTheOptionThatHelps() {
        train("x", "--rank", 0).refused("--rank must be >= 1, got 0");
        train("x", "--alpha", "-1").refused("--alpha must be > 0 and finite, got -1");
        train("x", "--dropout", 1).refused("--dropout must be in [0, 1), got 1");
        train("x", "--targets", "none").refused("--targets none", "--train-in-full");
        train("x", "--targets", "0,nine").refused("--targets: 'nine' matches no layer");
        train("x", "--targets", "0,0").refused("--targets: ", "'0' twice");
        train("x", "--targets", "/(/").refused("--targets: ", "not a regular expression");
        train("x", "--targets", "/nothing/").refused("--targets: pattern 'nothing'");
        train("x", "--exclude", "nine").refused("--exclude: 'nine' matches no layer");
        train("x", "--exclude", "0,0").refused("--exclude: ", "'0' twice");
        train("x", "--exclude", "0,1").refused("no layer is left to adapt", "--exclude", "--targets");
        train("x", "--train-in-full", "nine").refused("--train-in-full: 'nine' matches no layer");
        train("x", "--train-in-full", "0,0").refused("--train-in-full: ", "'0' twice");
        train("x", "--rank-pattern", "0").refused("--rank-pattern must be NAME=VALUE", "got '0'");
        train("x", "--rank-pattern", "0=two").refused("--rank-pattern: the value of '0'", "got 'two'");
        train("x", "--rank-pattern", "0=0").refused("--rank-pattern: ", "must be >= 1, got 0");
        train("x", "--rank-pattern", "(=1").refused("--rank-pattern: ", "not a regular expression");
        train("x", "--rank-pattern", "nine=1").refused("--rank-pattern: key 'nine' matches no layer");
        train("x", "--rank-pattern", "0=1", "--rank-pattern", ".=2").refused("--rank-pattern: keys '0' and '.'");
        train("x", "--alpha-pattern", "0=-1").refused("--alpha-pattern: ", "must be > 0");
        train("x", "--alpha-pattern", "0=NaN").refused("--alpha-pattern: ", "must be > 0");
        assertFalse(Files.exists(folder.resolve("x")));
    }

    /** Two convolutions and an output, as MobileNetV2 on a larger scale. */
    @Test
    void whereNoDenseLayerIsLeftConvolutionsAreAdapted() throws IOException {
        model = saved(new NeuralNetConfiguration.Builder()
                .seed(3)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new ConvolutionLayer.Builder(1, 1).nOut(9).build())
                .layer(new GlobalPoolingLayer.Builder().build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 3))
                .build());
        table = folder.resolve("pictures");
        for (int i = 0; i < 4; i++) {
            Pictures.write(table.resolve("red/" + i + ".png"), 8, 8, 0xff0000 + i);
            Pictures.write(table.resolve("green/" + i + ".png"), 8, 8, 0x00ff00 + i);
        }
        JsonNode notes = train("adapter", "--side", 8).json().path("notes");
        assertEquals(
                "all-linear means the dense layers that are not outputs of the network, and none is left: adapting 2"
                        + " convolutions instead; --targets chooses others",
                notes.path(0).asText());
        assertEquals(
                "rank 4 for '0', '1': their weights allow no more, so not 8; the scaling is the same",
                notes.path(1).asText());
        assertEquals(2, layers("adapter").size());
        train("wished", "--side", 8, "--targets", "all-linear").refused("all-linear means", "--targets: '0', '1', '3'");
    }

    @Test
    void aNetworkWithoutLayersThatTakeAdaptersIsRefusedWithWhatToDo() throws IOException {
        model = saved(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new BatchNormalization.Builder().nIn(4).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        amend4j("plan", model, "--lora")
                .refused("no layer is left to adapt", "--targets: '1'", "--targets none and --train-in-full: '0', '1'");
        JsonNode layers = amend4j("lora", "info", model, "--json").json().path("layers");
        assertFalse(layers.path(0).path("adaptable").asBoolean(true));
        assertTrue(layers.path(1).path("adaptable").asBoolean(false));
    }

    @Test
    void aRecurrentNetworkTakesAdaptersButNoPlanOnADevice() throws IOException {
        model = saved(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(4).nOut(5).build())
                .layer(new RnnOutputLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        amend4j("plan", model).refused("rows or pictures, not sequences", "'0' (LSTM), '1' (RnnOutputLayer)");
        JsonNode layers = amend4j("lora", "info", model, "--json").json().path("layers");
        assertTrue(layers.path(0).path("adaptable").asBoolean(false));
        assertTrue(layers.path(1).path("adaptable").asBoolean(false));
    }

    @Test
    void infoListsTheLayersOfAModelWithoutAnOutputThatTakesAdapters() throws IOException {
        model = saved(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(4).nOut(5).build())
                .layer(new LSTM.Builder().nIn(5).nOut(3).build())
                .layer(new RnnLossLayer.Builder().activation(Activation.SOFTMAX).build())
                .build());
        JsonNode info = amend4j("lora", "info", model, "--json").json();
        assertEquals(2, info.path("layers").size());
        assertEquals("LSTM", info.path("layers").path(1).path("type").asText());
        assertTrue(info.path("layers").path(1).path("adaptable").asBoolean(false));
        amend4j("plan", model).refused("'0' (LSTM), '1' (LSTM), '2' (RnnLossLayer)", "on the CPU");
    }
}
