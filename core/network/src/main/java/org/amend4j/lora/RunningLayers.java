/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
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

    /** The same with a loss. */
    public static Layer output(NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraOutput(conf, weights, type, false, false);
    }

    /**
     * The same with a loss at every time step.
     *
     * @param timeFirst whether a sequence's time comes before its features
     */
    public static Layer sequenceOutput(
            NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type, boolean timeFirst) {
        return new LoraOutput(conf, weights, type, true, timeFirst);
    }

    /** A convolution of images, with or without an adapter. */
    public static Layer convolution(
            ConvolutionLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        boolean channelsLast = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
        return new LoraConvolution(conf, weights, type, ConvolutionRows.ofImages(layer), layer.getNIn(), channelsLast);
    }

    /** A convolution of sequences, with or without an adapter. */
    public static Layer sequenceConvolution(
            Convolution1DLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        boolean channelsLast = layer.getRnnDataFormat() == RNNFormat.NWC;
        return new LoraConvolution(
                conf, weights, type, ConvolutionRows.ofSequences(layer), layer.getNIn(), channelsLast);
    }

    /** A batch norm with the base's statistics. */
    public static Layer batchNorm(
            BatchNormalization layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenBatchNorm(layer, conf, weights, type);
    }

    /** A loss without weights that leaves its input as it is. */
    public static Layer loss(
            org.deeplearning4j.nn.conf.layers.Layer layer, NeuralNetConfiguration conf, DataType type) {
        return SharedInputLayer.loss(layer, conf, type);
    }

    /** A dropout that does nothing but mask, and leaves its input as it is. */
    public static Layer dropout(
            org.deeplearning4j.nn.conf.layers.Layer layer, NeuralNetConfiguration conf, DataType type) {
        return SharedInputLayer.mask(layer, conf, type);
    }

    /** A function of each element. */
    public static Layer activation(NeuralNetConfiguration conf, DataType type) {
        return new FrozenActivation(conf, type);
    }

    /** The kernel of a convolution of images as a matrix: a view of the base's memory. */
    public static WeightMatrix kernel(ConvolutionLayer layer) {
        return new Kernel(ConvolutionRows.ofImages(layer), layer.getNIn(), layer.getNOut());
    }

    /**
     * The kernel of a convolution of sequences as a matrix. It is stored as [k, nIn, nOut] whatever its shape says, and is copied
     * unless k = 1.
     */
    public static WeightMatrix sequenceKernel(Convolution1DLayer layer) {
        return new Kernel(ConvolutionRows.ofSequences(layer), layer.getNIn(), layer.getNOut());
    }

    private record Kernel(ConvolutionRows fields, long inputs, long columns) implements WeightMatrix {

        @Override
        public long rows() {
            return inputs * fields.kernelSize();
        }

        @Override
        public List<Integer> kernel() {
            return fields.kernel();
        }

        @Override
        public boolean isPeftExact() {
            return fields.isPeftExact();
        }

        @Override
        public INDArray matrix(INDArray weight) {
            return fields.kernelMatrix(weight, inputs, columns);
        }

        @Override
        public INDArray asWeight(INDArray matrix, long[] shape) {
            return fields.matrixAsKernel(matrix, shape, inputs, columns);
        }
    }
}
