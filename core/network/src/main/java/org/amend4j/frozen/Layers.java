/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Optional;
import org.amend4j.model.Thawed;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Lays weights of DL4J out for steps, and finds layers; nothing here modifies them. */
final class Layers {

    private Layers() {}

    /** The configuration of a vertex's layer without DL4J's freezing wrappers, if the graph has a layer there. */
    static Optional<Layer> configuration(ComputationGraph network, GraphVertex vertex) {
        return network.getConfiguration().getVertices().get(vertex.getVertexName()) instanceof LayerVertex layer
                ? Optional.of(Thawed.of(layer.getLayerConf().getLayer()))
                : Optional.empty();
    }

    static RowShape.Layout layout(CNN2DFormat format) {
        return format == CNN2DFormat.NHWC ? RowShape.Layout.NHWC : RowShape.Layout.NCHW;
    }

    /** The bias, or empty if the layer has none. */
    static double[] bias(Optional<INDArray> bias) {
        return bias.map(Layers::doubles).orElse(new double[0]);
    }

    /** A dense layer's weights as a column-major [in, out] matrix: DL4J's own array where its order allows. */
    static INDArray denseWeights(INDArray weights) {
        return columnMajor(weights);
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
