/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network with adapters and made-up records of a shape, always the same.
 *
 * @param graph the adapted network, with Adam
 * @param records features uniform in [-1, 1], one-hot labels
 */
record DenseProblem(ComputationGraph graph, DataSet records) {

    private static final int SEED = 42;
    /** So small that a thousand steps on one batch leave the network about where it was. */
    private static final double RATE = 1e-6;

    static DenseProblem of(DenseCase shape) {
        String[] layers = IntStream.range(0, shape.depth())
                .mapToObj(layer -> "dense_" + layer)
                .toArray(String[]::new);
        ComputationGraph adapted = AdaptedModel.attach(
                        BaseModel.of(base(shape, layers)),
                        LoraConfig.of(shape.rank(), 2 * shape.rank())
                                .withTargets(layers)
                                .withTrainedInFull("out"),
                        new FineTuneConfiguration.Builder()
                                .seed(SEED)
                                .updater(new Adam(RATE))
                                .build())
                .graph();
        leaveZero(adapted);
        return new DenseProblem(adapted, records(shape));
    }

    private static ComputationGraph base(DenseCase shape, String... layers) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .updater(new Sgd(0))
                .weightInit(WeightInit.RELU)
                .graphBuilder()
                .addInputs("in");
        String below = "in";
        for (String layer : layers) {
            builder.addLayer(
                    layer,
                    new DenseLayer.Builder()
                            .nIn(shape.width())
                            .nOut(shape.width())
                            .activation(Activation.RELU)
                            .build(),
                    below);
            below = layer;
        }
        ComputationGraph graph = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(shape.width())
                                .nOut(DenseCase.CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        below)
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    /** Fresh adapters have B = 0, so that A has no gradient yet: not what a step in the middle of training meets. */
    private static void leaveZero(ComputationGraph graph) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] theta = ParameterVectors.of(graph);
        for (int i = 0; i < theta.length; i++) {
            theta[i] = theta[i] == 0 ? random.nextDouble(-0.01, 0.01) : theta[i];
        }
        ParameterVectors.copyInto(graph, theta);
    }

    private static DataSet records(DenseCase shape) {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        float[] features = new float[Math.multiplyExact(shape.records(), shape.width())];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextDouble(-1, 1);
        }
        float[] labels = new float[shape.records() * DenseCase.CLASSES];
        for (int row = 0; row < shape.records(); row++) {
            labels[row * DenseCase.CLASSES + random.nextInt(DenseCase.CLASSES)] = 1;
        }
        return new DataSet(
                Nd4j.create(features, new long[] {shape.records(), shape.width()}, 'c'),
                Nd4j.create(labels, new long[] {shape.records(), DenseCase.CLASSES}, 'c'));
    }
}
