/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Random;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.transformer.AtPositions;
import org.amend4j.transformer.AttentionRule;
import org.amend4j.transformer.Gate;
import org.amend4j.transformer.LanguageModelHead;
import org.amend4j.transformer.MultiHeadAttention;
import org.amend4j.transformer.Rotary;
import org.amend4j.transformer.RowNorm;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** A language model of one block, and texts of several lengths for it. */
public final class SmallTransformer {

    /** Numbers of a row. */
    public static final int WIDTH = 12;

    /** Tokens of the longest text. */
    public static final int TIME = 7;

    private static final int VOCABULARY = 11;
    private static final int HIDDEN = 7;

    private SmallTransformer() {}

    /** Embedding, norm, causal attention of grouped queries with rotary positions, gated feed-forward part, head. */
    public static ComputationGraph graph(DataType type) {
        return graph(type, linear(HIDDEN, WIDTH));
    }

    /**
     * The same.
     *
     * @param down the layer that ends the feed-forward part, from 7 to 12
     */
    public static ComputationGraph graph(DataType type, Layer down) {
        AttentionRule rule = AttentionRule.causal(3)
                .withKeyValueHeads(1)
                .withRotary(Rotary.of(new RotaryEmbedding(100, new RotaryScaling.None()), WIDTH / 3));
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("tokens")
                .addLayer(
                        "embedding",
                        new TransformerEmbedding.Builder()
                                .nIn(VOCABULARY)
                                .nOut(WIDTH)
                                .positions(9, 2)
                                .deviation(1)
                                .build(),
                        "tokens")
                .addLayer(
                        "norm",
                        new RowNorm.Builder(RowNorm.Kind.ROOT_MEAN_SQUARE, 1e-5)
                                .nIn(WIDTH)
                                .build(),
                        "embedding")
                .addLayer("query", linear(WIDTH, WIDTH), "norm")
                .addLayer("key", linear(WIDTH, WIDTH / 3), "norm")
                .addLayer("value", linear(WIDTH, WIDTH / 3), "norm")
                .addVertex("attention", new MultiHeadAttention(rule), "query", "key", "value", "tokens")
                .addVertex("residual", new ElementWiseVertex(ElementWiseVertex.Op.Add), "embedding", "attention")
                .addLayer("gate", linear(WIDTH, HIDDEN), "residual")
                .addLayer("up", linear(WIDTH, HIDDEN), "residual")
                .addVertex("gated", new Gate(Activation.SWISH.getActivationFunction()), "gate", "up")
                .addLayer("down", down, "gated")
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
        return SmallNetworks.moved(graph, new Random(1), 0.2);
    }

    private static DenseLayer linear(int inputs, int outputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(Activation.IDENTITY)
                .build();
    }

    /** Texts of 3, 4, …, 7, 3, … tokens, in turns padded left and right; the first token has no label. */
    public static DataSet data(DataType type, int records) {
        Random random = new Random(5);
        double[][][] tokens = new double[records][2][TIME];
        double[][] labels = new double[records][TIME];
        for (int record = 0; record < records; record++) {
            int length = 3 + record % (TIME - 2);
            int from = record % 2 == 0 ? 0 : TIME - length;
            for (int step = 0; step < TIME; step++) {
                boolean counts = step >= from && step < from + length;
                tokens[record][0][step] = random.nextInt(VOCABULARY);
                tokens[record][1][step] = counts ? 1 : 0;
                labels[record][step] = counts && step > from ? random.nextInt(VOCABULARY) : -100;
            }
        }
        return new DataSet(
                Nd4j.createFromArray(tokens).castTo(type),
                Nd4j.createFromArray(labels).castTo(type));
    }
}
