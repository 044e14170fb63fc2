package org.amend4j.prefix;

import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads weights and geometry out of DL4J layers; everything here only reads. */
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

    static Shape.Layout layout(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? Shape.Layout.NHWC : Shape.Layout.NCHW;
    }

    /** Whether the window is two-dimensional and its mode one we know. */
    static boolean isPlain(ConvolutionLayer conf) {
        return conf.getKernelSize().length == 2 && MODES.contains(conf.getConvolutionMode());
    }

    /** The window along the height (0) or the width (1). */
    static Axis axis(ConvolutionLayer conf, int dimension) {
        return new Axis(
                conf.getKernelSize()[dimension],
                conf.getStride()[dimension],
                conf.getDilation()[dimension],
                conf.getConvolutionMode(),
                conf.getConvolutionMode() == ConvolutionMode.Same ? 0 : conf.getPadding()[dimension],
                0,
                0);
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

    /**
     * A batch norm's running statistics and weights as one scale and shift, in double; empty if gamma and beta are
     * locked to other values than 1 and 0 (DL4J's paths disagree on what that means).
     */
    static Optional<Fold> affine(BatchNormalization layer, org.deeplearning4j.nn.conf.layers.BatchNormalization conf) {
        boolean locked = conf.isLockGammaBeta();
        if (locked && (conf.getGamma() != 1.0 || conf.getBeta() != 0.0)) {
            return Optional.empty();
        }
        double[] mean = doubles(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        double[] variance = variance(layer, conf);
        double[] factor = new double[mean.length];
        double[] summand = new double[mean.length];
        double[] gamma = locked ? mean : doubles(layer.getParam(BatchNormalizationParamInitializer.GAMMA));
        double[] beta = locked ? mean : doubles(layer.getParam(BatchNormalizationParamInitializer.BETA));
        for (int j = 0; j < mean.length; j++) {
            factor[j] = (locked ? 1.0 : gamma[j]) / Math.sqrt(variance[j] + conf.getEps());
            summand[j] = (locked ? 0.0 : beta[j]) - factor[j] * mean[j];
        }
        return Optional.of(Fold.affine(factor, summand));
    }

    private static double[] variance(
            BatchNormalization layer, org.deeplearning4j.nn.conf.layers.BatchNormalization conf) {
        if (!conf.isUseLogStd()) {
            return doubles(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR));
        }
        double[] values = doubles(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD));
        for (int j = 0; j < values.length; j++) {
            values[j] = Math.pow(10.0, 2 * values[j]);
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
