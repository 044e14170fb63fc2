/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.model.ArrayBytes;
import org.amend4j.testkit.Gradients;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
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
class BlocksTest {

    static final long SEED = 20261129;
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

    static Rotary rotary(double theta, int headSize) {
        return Rotary.of(new RotaryEmbedding(theta, new RotaryScaling.None()), headSize);
    }

    private static AttentionRule rotated() {
        return AttentionRule.causal(3).withKeyValueHeads(1).withRotary(rotary(100, 4));
    }

    /** Of the definition: rows with a root mean square of 1, or mean 0 and variance 1. */
    @Test
    void a_causal_model_says_of_a_prefix_what_it_says_within_the_whole() {
        ComputationGraph graph = graph(DataType.DOUBLE, rotated(), RowNorm.Kind.ROOT_MEAN_SQUARE);
        double[][] whole = {{3, 1, 4, 9, 0}, {1, 1, 1, 1, 1}};
        double[][] prefix = {{3, 1, 4}, {1, 1, 1}};
        assertTrue(same(logits(graph, prefix, 0, 3), logits(graph, whole, 0, 3)));
    }

    static DataSet data(DataType type, boolean padded) {
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

    static ComputationGraph graph(DataType type, AttentionRule rule, RowNorm.Kind kind) {
        int keys = WIDTH / rule.heads() * rule.keyValueHeads();
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
                .addLayer(
                        "head",
                        new LanguageModelHead.Builder()
                                .nIn(WIDTH)
                                .nOut(VOCABULARY)
                                .build(),
                        "positions")
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
