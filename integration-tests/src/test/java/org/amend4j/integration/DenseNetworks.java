/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A problem's base network and batch in Deeplearning4j. */
public final class DenseNetworks {

    private DenseNetworks() {}

    /** The base network without adapters: {@code dense_0} to {@code dense_(depth-1)} and {@code out}, all trainable. */
    public static ComputationGraph base(LoraProblem problem, IUpdater updater) {
        ComputationGraph graph = new ComputationGraph(configuration(problem.shape(), updater));
        graph.init();
        LoraShape shape = problem.shape();
        for (int layer = 0; layer < shape.depth(); layer++) {
            String name = LoraShape.layerName(layer);
            set(graph, name, "W", problem.weight(layer), shape.width(), shape.width());
            set(graph, name, "b", problem.bias(layer), 1, shape.width());
        }
        set(graph, "out", "W", problem.outputWeight(), shape.width(), shape.classes());
        set(graph, "out", "b", problem.outputBias(), 1, shape.classes());
        return graph;
    }

    /** The problem's batch; a new copy. */
    public static DataSet batch(LoraProblem problem) {
        LoraShape shape = problem.shape();
        return new DataSet(
                matrix(problem.features(), shape.batch(), shape.width()),
                matrix(problem.labels(), shape.batch(), shape.classes()));
    }

    /** Deeplearning4j's form of an update rule. */
    public static IUpdater updater(UpdateRule rule, double learningRate) {
        return switch (rule) {
            case SGD -> new Sgd(learningRate);
            case ADAM -> new Adam(learningRate, UpdateRule.BETA1, UpdateRule.BETA2, UpdateRule.EPSILON);
        };
    }

    /** A row-major matrix. */
    static INDArray matrix(float[] rowMajor, int rows, int columns) {
        return Nd4j.create(rowMajor, new long[] {rows, columns}, 'c');
    }

    private static void set(ComputationGraph graph, String layer, String key, float[] rowMajor, int rows, int columns) {
        graph.getLayer(layer).getParam(key).assign(matrix(rowMajor, rows, columns));
    }

    private static ComputationGraphConfiguration configuration(LoraShape shape, IUpdater updater) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("in");
        String below = "in";
        for (int layer = 0; layer < shape.depth(); layer++) {
            DenseLayer dense = new DenseLayer.Builder()
                    .nIn(shape.width())
                    .nOut(shape.width())
                    .activation(Activation.RELU)
                    .build();
            builder.addLayer(LoraShape.layerName(layer), dense, below);
            below = LoraShape.layerName(layer);
        }
        OutputLayer output = new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(shape.width())
                .nOut(shape.classes())
                .activation(Activation.SOFTMAX)
                .build();
        return builder.addLayer("out", output, below).setOutputs("out").build();
    }
}
