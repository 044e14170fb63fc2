/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.transformer.Columns;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Layers and vertices of transformers in small graphs that Deeplearning4j trains. */
public class BlocksTest {

    public static final long SEED = 20261129;
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 12;
    private static final int TIME = 5;

    static Stream<AttentionRule> rules() {
        return Stream.of(
                AttentionRule.bidirectional(3),
                AttentionRule.causal(3),
                AttentionRule.causal(3).withWindow(2),
                AttentionRule.causal(3).withKeyValueHeads(1).withRotary(rotary(100, 4)),
                AttentionRule.bidirectional(2).withRotary(rotary(10000, 6)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    @OneIn(2)
    void gradients_of_a_block_are_differences_with_and_without_padding(AttentionRule rule) {
        ComputationGraph graph = graph(DataType.DOUBLE, rule, RowNorm.Kind.LAYER);
        for (boolean padded : new boolean[] {false, true}) {
            assertEquals(
                    60, Gradients.check(graph, data(DataType.DOUBLE, padded).toMultiDataSet(), 60, SEED));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void gradients_of_every_norm_are_differences(RowNorm.Kind kind) {
        ComputationGraph graph = graph(DataType.DOUBLE, AttentionRule.causal(2), kind);
        assertEquals(60, Gradients.check(graph, data(DataType.DOUBLE, true).toMultiDataSet(), 60, SEED));
    }

    static Stream<RowNorm.Kind> kinds() {
        return Stream.of(RowNorm.Kind.values());
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("rules")
    void clones_json_and_files_compute_the_same_bytes(AttentionRule rule, @TempDir Path folder) throws Exception {
        ComputationGraph graph = graph(DataType.FLOAT, rule, RowNorm.Kind.ROOT_MEAN_SQUARE);
        INDArray tokens = data(DataType.FLOAT, true).getFeatures();
        INDArray expected = graph.outputSingle(tokens);
        assertTrue(ArrayBytes.same(expected, graph.clone().outputSingle(tokens)));
        String json = graph.getConfiguration().toJson();
        assertEquals(json, ComputationGraphConfiguration.fromJson(json).toJson());
        ModelSerializer.writeModel(graph, folder.resolve("model.zip").toFile(), true);
        ComputationGraph read = ModelSerializer.restoreComputationGraph(
                folder.resolve("model.zip").toFile(), true);
        assertTrue(ArrayBytes.same(expected, read.outputSingle(tokens)));
        read.fit(data(DataType.FLOAT, true));
        graph.fit(data(DataType.FLOAT, true));
        assertTrue(ArrayBytes.same(graph.params(), read.params()));
    }

    /** Layers of all graphs share the processor's threads. */
    @Tag("kernels")
    @Test
    void graphs_that_compute_side_by_side_give_the_bytes_of_one_alone() {
        ComputationGraph graph = graph(DataType.FLOAT, rotated(), RowNorm.Kind.LAYER);
        INDArray tokens = data(DataType.FLOAT, true).getFeatures();
        INDArray expected = graph.outputSingle(tokens);
        List<ComputationGraph> clones = Stream.generate(graph::clone).limit(4).toList();
        boolean same = clones.parallelStream()
                .allMatch(clone ->
                        IntStream.range(0, 20).allMatch(time -> ArrayBytes.same(expected, clone.outputSingle(tokens))));
        assertTrue(same);
    }

    /** Padding is no row: what it holds and where it is changes nothing. */
    @Test
    void an_example_is_the_same_whatever_it_is_padded_with_and_where() {
        ComputationGraph graph = graph(DataType.DOUBLE, rotated(), RowNorm.Kind.LAYER);
        double[][] alone = {{3, 1, 4}, {1, 1, 1}};
        double[][] right = {{3, 1, 4, 9, 0}, {1, 1, 1, 0, 0}};
        double[][] left = {{7, 7, 3, 1, 4}, {0, 0, 1, 1, 1}};
        double[] expected = logits(graph, alone, 0, 3);
        assertTrue(same(expected, logits(graph, right, 0, 3)));
        assertTrue(same(expected, logits(graph, left, 2, 5)));
    }

    private static boolean same(double[] expected, double[] actual) {
        double most = 0;
        for (int k = 0; k < expected.length; k++) {
            most = Math.max(most, Math.abs(expected[k] - actual[k]));
        }
        return most < 1e-13; // sums of a dozen terms of order 1, of rows that other products surround
    }

    private static double[] logits(ComputationGraph graph, double[][] features, int from, int to) {
        INDArray tokens = Nd4j.createFromArray(new double[][][] {features});
        return Columns.of(graph.outputSingle(tokens), from, to, 0, VOCABULARY)
                .dup('c')
                .reshape(-1)
                .toDoubleVector();
    }

    public static Rotary rotary(double theta, int headSize) {
        return Rotary.of(new RotaryEmbedding(theta, new RotaryScaling.None()), headSize);
    }

    private static AttentionRule rotated() {
        return AttentionRule.causal(3).withKeyValueHeads(1).withRotary(rotary(100, 4));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_norm_is_its_definition(RowNorm.Kind kind) {
        double[] row = {3, -1, 4, 1, -5, 9};
        double[] gain = {1, 2, 0.5, -1, 0.25, 3};
        ComputationGraph graph = normAlone(kind, row.length);
        graph.getLayer("norm")
                .getParam(RowNorm.GAIN)
                .assign(Nd4j.createFromArray(gain).reshape(1, row.length));
        boolean centred = kind == RowNorm.Kind.LAYER;
        double mean = centred ? Arrays.stream(row).sum() / row.length : 0;
        double square = Arrays.stream(row).map(x -> (x - mean) * (x - mean)).sum() / row.length;
        double[] normed =
                graph.outputSingle(Nd4j.createFromArray(new double[][] {row})).toDoubleVector();
        for (int j = 0; j < row.length; j++) {
            double times = kind == RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE ? 1 + gain[j] : gain[j];
            double expected = times * (row[j] - mean) / Math.sqrt(square + 0.5) + (centred ? 0.75 : 0);
            assertEquals(expected, normed[j], 1e-14 * 9, "column " + j);
        }
    }

    /** A norm with ε = 1/2 and, if it has one, a bias of 3/4. */
    private static ComputationGraph normAlone(RowNorm.Kind kind, int width) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("norm", new RowNorm.Builder(kind, 0.5).nIn(width).build(), "in")
                .setOutputs("norm")
                .validateOutputLayerConfig(false)
                .build());
        graph.init();
        if (kind == RowNorm.Kind.LAYER) {
            graph.getLayer("norm").getParam(RowNorm.BIAS).assign(0.75);
        }
        return graph;
    }

    @Test
    void an_embedding_adds_up_the_rows_of_its_tables() {
        ComputationGraph graph = graph(DataType.DOUBLE, rotated(), RowNorm.Kind.LAYER);
        double[][] tokens = {{7, 3, 1}, {0, 1, 1}, {0, 1, 0}};
        INDArray rows = graph.feedForward(Nd4j.createFromArray(new double[][][] {tokens}), false)
                .get("embedding");
        int[][] places = {{3, 2, 1}, {1, 3, 0}}; // positions begin at the offset 2, with the first token that counts
        for (int row = 0; row < 2; row++) {
            INDArray expected = table(graph, TransformerEmbedding.WORDS)
                    .getRow(places[row][0])
                    .mul(1.5)
                    .add(table(graph, TransformerEmbedding.POSITIONS).getRow(places[row][1]))
                    .add(table(graph, TransformerEmbedding.TYPES).getRow(places[row][2]));
            assertEquals(0, expected.sub(rows.getRow(row)).amaxNumber().doubleValue(), 1e-15);
        }
    }

    private static INDArray table(ComputationGraph graph, String key) {
        return graph.getLayer("embedding").getParam(key);
    }

    @Test
    void masks_and_dropout_that_would_be_ignored_are_refused() {
        ComputationGraph graph = graph(DataType.DOUBLE, rotated(), RowNorm.Kind.LAYER);
        DataSet data = data(DataType.DOUBLE, false);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 3, TIME);
        IllegalArgumentException ofFeatures = assertThrows(
                IllegalArgumentException.class,
                () -> graph.fit(new DataSet(data.getFeatures(), data.getLabels(), mask, null)));
        assertTrue(ofFeatures.getMessage().contains("'embedding' takes no mask"), ofFeatures.getMessage());
        IllegalArgumentException ofLabels = assertThrows(
                IllegalArgumentException.class,
                () -> graph.fit(new DataSet(data.getFeatures(), data.getLabels(), null, mask)));
        assertTrue(ofLabels.getMessage().contains("'head' takes no mask"), ofLabels.getMessage());
        ComputationGraph dropping = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dropOut(0.5)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "norm",
                        new RowNorm.Builder(RowNorm.Kind.LAYER, 1e-5).nIn(3).build(),
                        "in")
                .setOutputs("norm")
                .validateOutputLayerConfig(false)
                .build());
        IllegalArgumentException dropout = assertThrows(IllegalArgumentException.class, dropping::init);
        assertTrue(dropout.getMessage().contains("'norm' is a RowNorm, which has neither"), dropout.getMessage());
    }

    @Test
    void a_causal_model_says_of_a_prefix_what_it_says_within_the_whole() {
        ComputationGraph graph = graph(DataType.DOUBLE, rotated(), RowNorm.Kind.ROOT_MEAN_SQUARE);
        double[][] whole = {{3, 1, 4, 9, 0}, {1, 1, 1, 1, 1}};
        double[][] prefix = {{3, 1, 4}, {1, 1, 1}};
        assertTrue(same(logits(graph, prefix, 0, 3), logits(graph, whole, 0, 3)));
    }

    public static DataSet data(DataType type, boolean padded) {
        Random random = new Random(SEED);
        double[][][] tokens = new double[3][2][TIME];
        double[][] labels = new double[3][TIME];
        for (int example = 0; example < 3; example++) {
            for (int step = 0; step < TIME; step++) {
                boolean kept = !padded || step < 3 || example == 1;
                tokens[example][0][step] = random.nextInt(VOCABULARY);
                tokens[example][1][step] = kept ? 1 : 0;
                labels[example][step] = kept && step > 0 ? random.nextInt(VOCABULARY) : -100;
            }
        }
        return new DataSet(
                Nd4j.createFromArray(tokens).castTo(type),
                Nd4j.createFromArray(labels).castTo(type));
    }

    private static DenseLayer linear(int inputs, int outputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(Activation.IDENTITY)
                .build();
    }

    public static ComputationGraph graph(DataType type, AttentionRule rule, RowNorm.Kind kind) {
        int keys = WIDTH / rule.heads() * rule.keyValueHeads();
        LanguageModelHead.Builder head =
                new LanguageModelHead.Builder().nIn(WIDTH).nOut(VOCABULARY);
        if (kind != RowNorm.Kind.ROOT_MEAN_SQUARE_AROUND_ONE) {
            head.biased();
        }
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("tokens")
                .setInputTypes(InputType.recurrent(2, TIME))
                .addLayer(
                        "embedding",
                        new TransformerEmbedding.Builder()
                                .nIn(VOCABULARY)
                                .nOut(WIDTH)
                                .positions(9, 2)
                                .types(2)
                                .factor(1.5)
                                .deviation(1)
                                .build(),
                        "tokens")
                .addLayer("norm", new RowNorm.Builder(kind, 1e-5).build(), "embedding")
                .addLayer("query", linear(WIDTH, WIDTH), "norm")
                .addLayer("key", linear(WIDTH, keys), "norm")
                .addLayer("value", linear(WIDTH, keys), "norm")
                .addVertex("attention", new MultiHeadAttention(rule), "query", "key", "value", "tokens")
                .addVertex("residual", new ElementWiseVertex(ElementWiseVertex.Op.Add), "embedding", "attention")
                .addLayer("gate", linear(WIDTH, 7), "residual")
                .addLayer("up", linear(WIDTH, 7), "residual")
                .addVertex("gated", new Gate(Activation.SWISH.getActivationFunction()), "gate", "up")
                .addLayer("down", linear(7, WIDTH), "gated")
                .addVertex("positions", new AtPositions(), "down", "tokens")
                .addLayer("head", head.build(), "positions")
                .setOutputs("head")
                .build());
        graph.init();
        graph.params()
                .addi(Nd4j.createFromArray(new Random(SEED)
                                .doubles(graph.numParams(), -0.2, 0.2)
                                .toArray())
                        .castTo(type)
                        .reshape(graph.params().shape()));
        return graph;
    }
}
