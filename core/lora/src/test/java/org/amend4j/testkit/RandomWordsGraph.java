/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small random graph on sequences of words with data, in double, trained in full: one table or two on the same words, which repeat in most
 * examples, perhaps a dense layer, and a loss at every step or behind a pooling.
 *
 * @param data a few examples
 */
public record RandomWordsGraph(ComputationGraph graph, MultiDataSet data) {

    /** A table whose function no kernel has. */
    public static RandomWordsGraph ofUnknownFunction() {
        GraphBuilder builder = SmallNetworks.builder(DataType.DOUBLE, 1)
                .addInputs("in")
                .setInputTypes(InputType.recurrent(5, 3))
                .addLayer(
                        "table",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(5)
                                .nOut(4)
                                .activation(Activation.CUBE)
                                .build(),
                        "in")
                .addLayer("pool", SmallNetworks.pooling(PoolingType.AVG), "table")
                .addLayer("out", SmallNetworks.output(2, LossFunction.MCXENT, Activation.SOFTMAX), "pool")
                .setOutputs("out");
        Random random = new Random(1);
        return new RandomWordsGraph(
                SmallNetworks.moved(SmallNetworks.initialised(builder), random, 0.3),
                new MultiDataSet(words(random, 4, 3, 5), TestNetworks.oneHot(DataType.DOUBLE, random, 4, 2, 0)));
    }

    /** The graph of a seed; equal seeds give equal bytes. */
    public static RandomWordsGraph of(long seed) {
        Random random = new Random(seed);
        int words = 2 + random.nextInt(5);
        int steps = 1 + random.nextInt(5);
        int examples = 3 + random.nextInt(4);
        GraphBuilder builder = SmallNetworks.builder(DataType.DOUBLE, seed)
                .addInputs("in")
                .setInputTypes(InputType.recurrent(words, steps));
        String last = embedded(builder, random, words);
        int classes = 2 + random.nextInt(2);
        boolean everyStep = random.nextBoolean();
        if (everyStep && random.nextBoolean()) {
            builder.addLayer(
                    "dense",
                    new DenseLayer.Builder().nOut(3).activation(Activation.TANH).build(),
                    last);
            last = "dense";
        }
        if (everyStep) {
            builder.addLayer(
                    "out",
                    new RnnOutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(classes)
                            .activation(Activation.SOFTMAX)
                            .build(),
                    last);
        } else {
            builder.addLayer(
                            "pool",
                            SmallNetworks.pooling(random.nextBoolean() ? PoolingType.AVG : PoolingType.MAX),
                            last)
                    .addLayer("out", SmallNetworks.output(classes, LossFunction.MCXENT, Activation.SOFTMAX), "pool");
        }
        ComputationGraph graph = SmallNetworks.initialised(builder.setOutputs("out"));
        SmallNetworks.moved(graph, random, 0.3);
        INDArray labels = TestNetworks.oneHot(DataType.DOUBLE, random, examples, classes, everyStep ? steps : 0);
        return new RandomWordsGraph(graph, new MultiDataSet(words(random, examples, steps, words), labels));
    }

    private static String embedded(GraphBuilder builder, Random random, int words) {
        builder.addLayer("table", table(random, words), "in");
        if (random.nextBoolean()) {
            return "table";
        }
        builder.addLayer("other", table(random, words), "in").addVertex("both", new MergeVertex(), "table", "other");
        return "both";
    }

    private static EmbeddingSequenceLayer table(Random random, int words) {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(words)
                .nOut(1 + random.nextInt(4))
                .hasBias(random.nextBoolean())
                .activation(random.nextBoolean() ? Activation.TANH : Activation.IDENTITY)
                .outputDataFormat(RNNFormat.NCW)
                .build();
    }

    /** [examples, steps], or with a dimension of one feature between. */
    private static INDArray words(Random random, int examples, int steps, int words) {
        INDArray array = Nd4j.create(DataType.DOUBLE, examples, steps);
        for (int k = 0; k < examples; k++) {
            for (int t = 0; t < steps; t++) {
                array.putScalar(k, t, random.nextInt(words));
            }
        }
        return random.nextBoolean() ? array : array.reshape(examples, 1, steps);
    }
}
