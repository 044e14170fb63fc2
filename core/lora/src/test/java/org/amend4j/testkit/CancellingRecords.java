/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.Random;
import org.amend4j.graph.Records;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * One subject, whose records have nearly the same inputs and errors of opposite signs: the gradient is what is left of summands
 * that cancel.
 *
 * @param graph two linear layers of 64 by 64
 */
public record CancellingRecords(ComputationGraph graph, Records records) {

    private static final int SIDE = 64;

    /**
     * So many records; equal arguments give equal bytes.
     *
     * @param noise how far inputs are apart, which are of order 1
     */
    public static CancellingRecords of(DataType type, int rows, double noise) {
        ComputationGraph graph = linear(type);
        Random random = new Random(1);
        double[] common = random.doubles(SIDE, 0.5, 1.5).toArray();
        INDArray x = Nd4j.create(type, rows, SIDE);
        for (int i = 0; i < rows * SIDE; i++) {
            x.putScalar(i / SIDE, i % SIDE, common[i % SIDE] + noise * random.nextGaussian());
        }
        INDArray y = graph.outputSingle(x).dup();
        for (int i = 0; i < rows * SIDE; i++) {
            int row = i / SIDE;
            double error = (row % 2 == 0 ? 1 : -1) * Math.sin(1 + i % SIDE + row / 2 * 7);
            y.putScalar(row, i % SIDE, y.getDouble(row, i % SIDE) + error);
        }
        return new CancellingRecords(graph, Records.of(new DataSet(x, y)).ownedBy(new long[rows]));
    }

    private static ComputationGraph linear(DataType type) {
        return SmallNetworks.initialised(new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(type)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", linear(new DenseLayer.Builder()), "in")
                .addLayer("out", linear(new OutputLayer.Builder(LossFunction.MSE)), "hidden")
                .setOutputs("out"));
    }

    private static FeedForwardLayer linear(FeedForwardLayer.Builder<?> layer) {
        return layer.nIn(SIDE).nOut(SIDE).activation(Activation.IDENTITY).build();
    }
}
