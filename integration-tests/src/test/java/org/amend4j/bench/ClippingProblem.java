/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.graph.Records;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.SequencePooling;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network and records of {@link ClippingBenchmark}.
 *
 * @param arguments what the same in Python is given
 */
record ClippingProblem(String name, ComputationGraph graph, Records records, List<String> arguments) {

    private static final int TEXTS = 256;
    private static final int LENGTH = 64;
    private static final int VOCABULARY = 30_000;
    private static final int WIDTH = 128;

    private static final int PICTURES = 512;
    private static final int SIDE = 28;

    /** Rows of a table that trains, their mean, two classes. */
    static ClippingProblem words() {
        GraphBuilder builder = builder();
        builder.addInputs("tokens")
                .addLayer(
                        "table",
                        new TransformerEmbedding.Builder()
                                .nIn(VOCABULARY)
                                .nOut(WIDTH)
                                .deviation(1)
                                .build(),
                        "tokens")
                .addVertex("mean", new SequencePooling(Pooling.MEAN), "table", "tokens")
                .addLayer("out", output(WIDTH, 2), "mean")
                .setOutputs("out");
        Random random = new Random(1);
        INDArray tokens = Nd4j.ones(DataType.FLOAT, TEXTS, 2, LENGTH);
        for (int text = 0; text < TEXTS; text++) {
            for (int token = 0; token < LENGTH; token++) {
                tokens.putScalar(new int[] {text, 0, token}, random.nextInt(VOCABULARY));
            }
        }
        return of(
                TEXTS + " texts of " + LENGTH + " tokens, a table of " + VOCABULARY + " × " + WIDTH
                        + ", mean, 2 classes",
                builder,
                new DataSet(tokens, labels(random, TEXTS, 2)),
                "tokens",
                TEXTS,
                LENGTH,
                VOCABULARY,
                WIDTH);
    }

    /** The same of Deeplearning4j's own layers. */
    static ClippingProblem sequences() {
        GraphBuilder builder = builder();
        builder.addInputs("words")
                .setInputTypes(InputType.recurrent(VOCABULARY, LENGTH))
                .addLayer(
                        "table",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(VOCABULARY)
                                .nOut(WIDTH)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "words")
                .addLayer("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "table")
                .addLayer("out", output(WIDTH, 2), "mean")
                .setOutputs("out");
        Random random = new Random(1);
        INDArray words = Nd4j.zeros(DataType.FLOAT, TEXTS, LENGTH);
        for (int text = 0; text < TEXTS; text++) {
            for (int word = 0; word < LENGTH; word++) {
                words.putScalar(text, word, random.nextInt(VOCABULARY));
            }
        }
        return of(
                TEXTS + " sequences of " + LENGTH + " words, an EmbeddingSequenceLayer of " + VOCABULARY + " × " + WIDTH
                        + ", mean, 2 classes",
                builder,
                new DataSet(words, labels(random, TEXTS, 2)),
                "tokens",
                TEXTS,
                LENGTH,
                VOCABULARY,
                WIDTH);
    }

    /** The network of Opacus' example on MNIST, with tanh. */
    static ClippingProblem pictures() {
        GraphBuilder builder = builder();
        builder.addInputs("pictures")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, 1))
                .addLayer("first", convolution(8, 16), "pictures")
                .addLayer("pooled", pooling(), "first")
                .addLayer("second", convolution(4, 32), "pooled")
                .addLayer("flat", pooling(), "second")
                .addLayer("hidden", new DenseLayer.Builder().nOut(32).build(), "flat")
                .addLayer("out", output(32, 10), "hidden")
                .setOutputs("out");
        Random random = new Random(1);
        INDArray pictures = TestNetworks.normal(DataType.FLOAT, random, PICTURES, 1, SIDE, SIDE);
        return of(
                PICTURES + " pictures of " + SIDE + " × " + SIDE + ", two convolutions, two dense layers",
                builder,
                new DataSet(pictures, labels(random, PICTURES, 10)),
                "pictures",
                PICTURES,
                SIDE);
    }

    private static ClippingProblem of(String name, GraphBuilder builder, DataSet data, Object... arguments) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return new ClippingProblem(
                name,
                graph,
                Records.of(data),
                Stream.of(arguments).map(Object::toString).toList());
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0))
                .activation(Activation.TANH)
                .graphBuilder();
    }

    private static ConvolutionLayer convolution(int window, int channels) {
        return new ConvolutionLayer.Builder(window, window)
                .stride(2, 2)
                .nOut(channels)
                .build();
    }

    private static SubsamplingLayer pooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(1, 1)
                .build();
    }

    private static OutputLayer output(int inputs, int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static INDArray labels(Random random, int records, int classes) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, records, classes);
        for (int record = 0; record < records; record++) {
            labels.putScalar(record, random.nextInt(classes), 1);
        }
        return labels;
    }
}
