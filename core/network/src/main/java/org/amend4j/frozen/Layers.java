/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads weights and geometry from DL4J layers; nothing here modifies them. */
final class Layers {

    private static final Set<ConvolutionMode> MODES =
            Set.of(ConvolutionMode.Same, ConvolutionMode.Truncate, ConvolutionMode.Strict);

    private Layers() {}

    /** The layer inside DL4J's freezing wrappers. */
    static Layer inner(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return inner(frozen.getInsideLayer());
        }
        if (layer instanceof FrozenLayerWithBackprop frozen) {
            return inner(frozen.getInsideLayer());
        }
        return layer;
    }

    static RowShape.Layout layout(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? RowShape.Layout.NHWC : RowShape.Layout.NCHW;
    }

    /** Whether the window is two-dimensional and its mode one we know. */
    static boolean isPlain(ConvolutionLayer conf) {
        return conf.getKernelSize().length == 2 && MODES.contains(conf.getConvolutionMode());
    }

    /** The bias, or empty if the layer has none. */
    static double[] bias(Layer layer, boolean hasBias) {
        return hasBias ? doubles(layer.getParam(ConvolutionParamInitializer.BIAS_KEY)) : new double[0];
    }

    /**
     * The weights of a dense layer as a column-major [in, out] matrix: DL4J's own array where its order allows.
     */
    static INDArray denseWeights(Layer layer) {
        return columnMajor(layer.getParam(ConvolutionParamInitializer.WEIGHT_KEY));
    }

    /**
     * The weights of a convolution, DL4J's [out, in, kernelHeight, kernelWidth], as a column-major [kernelHeight ·
     * kernelWidth · in, out] matrix: the same memory for a 1×1 kernel without a scale, a copy otherwise.
     *
     * @param scale one factor an output channel, or empty for none
     */
    static INDArray convolutionWeights(INDArray weights, double[] scale) {
        long out = weights.size(0);
        long taps = weights.length() / out;
        boolean pointwise = weights.size(2) == 1 && weights.size(3) == 1;
        INDArray rows = pointwise ? weights : weights.permute(0, 2, 3, 1).dup('c');
        INDArray matrix = rows.reshape('c', new long[] {out, taps});
        if (scale.length > 0) {
            INDArray column = Nd4j.createFromArray(scale).castTo(weights.dataType());
            matrix = matrix.mulColumnVector(column);
        }
        return columnMajor(matrix.transpose());
    }

    /**
     * The weights of a depthwise convolution, [kernelHeight, kernelWidth, in, multiplier] row by row.
     *
     * @param scale one factor an output channel (in · multiplier), or empty for none
     */
    static float[] depthwiseWeights(INDArray weights, double[] scale) {
        float[] values = weights.dup('c').data().asFloat();
        if (scale.length > 0) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (values[i] * scale[i % scale.length]);
            }
        }
        return values;
    }

    private static INDArray columnMajor(INDArray matrix) {
        boolean already = matrix.stride(0) == 1 && (matrix.size(1) == 1 || matrix.stride(1) == matrix.size(0));
        return already && matrix.ordering() == 'f' ? matrix : matrix.dup('f');
    }

    private static double[] doubles(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }
}
