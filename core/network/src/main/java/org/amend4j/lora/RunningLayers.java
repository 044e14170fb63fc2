/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The layers that run on a base's weights, for the {@linkplain org.amend4j.network.LayerKind kinds} that they serve. All take the
 * configuration around the stock layer, and the base's weights by Deeplearning4j's keys.
 */
public final class RunningLayers {

    private RunningLayers() {}

    /** Rows of features times the matrix of the layer's weight, with bias and activation; with or without an adapter. */
    public static Layer dense(NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraDense(conf, weights, type);
    }

    /** The same with a loss, of features or of every time step. */
    public static Layer output(NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraOutput(conf, weights, type);
    }

    /** A convolution of images or sequences, with or without an adapter. */
    public static Layer convolution(NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraConvolution(conf, weights, type);
    }

    /** A batch norm with the base's statistics. */
    public static Layer batchNorm(NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenBatchNorm(conf, weights, type);
    }

    /** A function of each element. */
    public static Layer activation(NeuralNetConfiguration conf, DataType type) {
        return new FrozenActivation(conf, type);
    }

    /**
     * A convolution's kernel as a matrix. 2D kernels are views of the base's memory; a 1D kernel is stored as [k, nIn, nOut] whatever
     * its shape says, and is copied unless k = 1.
     */
    public static WeightMatrix kernel(ConvolutionLayer layer) {
        return new Kernel(layer);
    }

    private record Kernel(ConvolutionLayer layer) implements WeightMatrix {

        @Override
        public long rows() {
            return layer.getNIn() * ConvolutionRows.kernelSize(layer);
        }

        @Override
        public long columns() {
            return layer.getNOut();
        }

        @Override
        public List<Integer> kernel() {
            return ConvolutionRows.kernel(layer);
        }

        @Override
        public boolean isPeftExact() {
            return new ConvolutionRows(layer).isPeftExact();
        }

        @Override
        public INDArray matrix(INDArray weight) {
            return ConvolutionRows.kernelMatrix(layer, weight);
        }

        @Override
        public INDArray asWeight(INDArray matrix, long[] shape) {
            return ConvolutionRows.matrixAsKernel(layer, matrix, shape);
        }
    }
}
