/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A convolution as a product of rows: every output pixel is a row of its receptive field, columns in the order (channel,
 * kernel height, kernel width). A 1D convolution is one of width 1. A pointwise convolution (1×1, stride 1) needs no
 * receptive fields: its rows are the pixels of the channels-last input, without a copy if it already is channels last.
 */
final class ConvolutionRows {

    private final int[] kernel;
    private final int[] stride;
    private final int[] padding;
    private final int[] dilation;
    private final ConvolutionMode mode;
    private final boolean oneDimensional;

    /**
     * Output height and width, top and left padding for one input size, and how much of the top padding must be made by
     * hand: the im2col operation knows no one-sided padding.
     */
    private record Geometry(int outHeight, int outWidth, int top, int left, int causal) {}

    private ConvolutionRows(ConvolutionLayer layer, boolean oneDimensional) {
        this.oneDimensional = oneDimensional;
        this.kernel = pair(layer.getKernelSize(), 1);
        this.stride = pair(layer.getStride(), 1);
        this.padding = pair(layer.getPadding(), 0);
        this.dilation = pair(layer.getDilation(), 1);
        this.mode = layer.getConvolutionMode();
    }

    /** Of a convolution of images. */
    static ConvolutionRows ofImages(ConvolutionLayer layer) {
        return new ConvolutionRows(layer, false);
    }

    /** Of a convolution of sequences. */
    static ConvolutionRows ofSequences(ConvolutionLayer layer) {
        return new ConvolutionRows(layer, true);
    }

    /** Height and width; a sequence has width 1. */
    private int[] pair(int[] values, int width) {
        return oneDimensional ? new int[] {values[0], width} : values.clone();
    }

    /** Sizes of the kernel: one of sequences, two of images. */
    List<Integer> kernel() {
        return oneDimensional ? List.of(kernel[0]) : List.of(kernel[0], kernel[1]);
    }

    /** Elements of the receptive field in one channel. */
    long kernelSize() {
        return (long) kernel[0] * kernel[1];
    }

    /** Whether it is of sequences. */
    boolean areOfSequences() {
        return oneDimensional;
    }

    /**
     * The kernel as the matrix [nIn·kH·kW, nOut]. A 2D kernel [nOut, nIn, kH, kW] is a view of the same memory. A 1D
     * kernel's buffer is laid out [k, nIn, nOut] whatever its shape says; it is copied unless k = 1.
     */
    INDArray kernelMatrix(INDArray weight, long nIn, long nOut) {
        if (oneDimensional) {
            long k = kernel[0];
            INDArray buffer = weight.reshape('c', new long[] {k, nIn, nOut});
            return k == 1
                    ? buffer.reshape('c', new long[] {nIn, nOut})
                    : buffer.permute(1, 0, 2).dup('c').reshape('c', new long[] {nIn * k, nOut});
        }
        return weight.reshape('c', new long[] {nOut, weight.length() / nOut}).transpose();
    }

    /** The inverse of {@link #kernelMatrix}: a matrix as an array of the kernel's shape and memory layout. */
    INDArray matrixAsKernel(INDArray matrix, long[] shape, long nIn, long nOut) {
        if (oneDimensional) {
            long k = kernel[0];
            return matrix.reshape('c', new long[] {nIn, k, nOut})
                    .permute(1, 0, 2)
                    .dup('c')
                    .reshape('c', shape);
        }
        return matrix.transpose().dup('c').reshape('c', shape);
    }

    /**
     * Whether PEFT computes the same adapter: its A has the base's kernel, stride and padding, and no dilation. "same" at
     * stride 1 is PyTorch's {@code padding="same"}, for an odd kernel also k/2.
     */
    boolean isPeftExact() {
        return isPointwise() || (Arrays.stream(dilation).allMatch(d -> d == 1) && padsAsPyTorch());
    }

    private boolean padsAsPyTorch() {
        return switch (mode) {
            case Same -> Arrays.stream(stride).allMatch(s -> s == 1);
            case Causal -> false;
            default -> true;
        };
    }

    private boolean isPointwise() {
        return Arrays.equals(kernel, new int[] {1, 1})
                && Arrays.equals(stride, new int[] {1, 1})
                && (mode == ConvolutionMode.Same
                        || mode == ConvolutionMode.Causal
                        || Arrays.stream(padding).sum() == 0);
    }

    private Geometry geometry(INDArray nchw) {
        int[] inSize = {(int) nchw.size(2), (int) nchw.size(3)};
        boolean padded = mode == ConvolutionMode.Same || mode == ConvolutionMode.Causal;
        int[] out = ConvolutionUtils.getOutputSize(
                nchw, kernel, stride, padded ? null : padding, mode, dilation, CNN2DFormat.NCHW);
        return switch (mode) {
            case Same -> {
                int[] before = ConvolutionUtils.getSameModeTopLeftPadding(out, inSize, kernel, stride, dilation);
                yield new Geometry(out[0], out[1], before[0], before[1], 0);
            }
            case Causal -> new Geometry(out[0], out[1], 0, 0, (kernel[0] - 1) * dilation[0]);
            default -> new Geometry(out[0], out[1], padding[0], padding[1], 0);
        };
    }

    /** Shape of the channels-last output, [batch, height, width, nOut]. */
    long[] outputShape(INDArray nchw, long nOut) {
        Geometry geometry = geometry(nchw);
        return new long[] {nchw.size(0), geometry.outHeight(), geometry.outWidth(), nOut};
    }

    /**
     * The receptive fields of all output pixels.
     *
     * @param nchw input [batch, channels, height, width], any strides
     * @param lifetime of the rows if they must be made
     * @return [batch·outHeight·outWidth, channels·kH·kW], C order; possibly a view of the input
     */
    INDArray rows(INDArray nchw, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        long batch = nchw.size(0);
        long channels = nchw.size(1);
        if (isPointwise()) {
            INDArray nhwc = contiguous(nchw.permute(0, 2, 3, 1), lifetime, workspaces);
            return nhwc.reshape('c', new long[] {nhwc.length() / channels, channels});
        }
        Geometry geometry = geometry(nchw);
        INDArray fields = workspaces.createUninitialized(
                lifetime,
                nchw.dataType(),
                new long[] {batch, geometry.outHeight(), geometry.outWidth(), channels, kernel[0], kernel[1]},
                'c');
        Convolution.im2col(
                withRowsAbove(nchw, geometry.causal()),
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                geometry.top(),
                geometry.left(),
                dilation[0],
                dilation[1],
                mode == ConvolutionMode.Same,
                fields.permute(0, 3, 4, 5, 1, 2));
        long pixels = batch * geometry.outHeight() * geometry.outWidth();
        return fields.reshape('c', new long[] {pixels, fields.length() / pixels});
    }

    /**
     * Adds the rows' gradients up to the input's.
     *
     * @param rows gradient of what {@link #rows} gave, C order
     * @param nchw input, for its shape
     * @return [batch, channels, height, width] as a view of channels-last memory
     */
    INDArray sumRows(INDArray rows, INDArray nchw, LayerWorkspaceMgr workspaces) {
        long[] nhwcShape = {nchw.size(0), nchw.size(2), nchw.size(3), nchw.size(1)};
        if (isPointwise()) {
            return rows.reshape('c', nhwcShape).permute(0, 3, 1, 2);
        }
        Geometry geometry = geometry(nchw);
        INDArray fields = rows.reshape('c', new long[] {
            nchw.size(0), geometry.outHeight(), geometry.outWidth(), nchw.size(1), kernel[0], kernel[1]
        });
        int causal = geometry.causal();
        nhwcShape[1] += causal;
        INDArray result = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, rows.dataType(), nhwcShape, 'c');
        INDArray view = result.permute(0, 3, 1, 2);
        Convolution.col2im(
                fields.permute(0, 3, 4, 5, 1, 2),
                view,
                stride[0],
                stride[1],
                geometry.top(),
                geometry.left(),
                (int) view.size(2),
                (int) view.size(3),
                dilation[0],
                dilation[1]);
        return causal == 0 ? view : rowsFrom(view, causal);
    }

    /** {@code nchw} with zero rows above it, in the current workspace. */
    private static INDArray withRowsAbove(INDArray nchw, int rows) {
        if (rows == 0) {
            return nchw;
        }
        INDArray padded = Nd4j.create(nchw.dataType(), nchw.size(0), nchw.size(1), nchw.size(2) + rows, nchw.size(3));
        rowsFrom(padded, rows).assign(nchw);
        return padded;
    }

    private static INDArray rowsFrom(INDArray nchw, int first) {
        return nchw.get(all(), all(), interval(first, nchw.size(2)), all());
    }

    /** The mask of the output, from the input's, as Deeplearning4j's own convolutions reduce it. */
    INDArray reducedMask(INDArray mask) {
        return oneDimensional
                ? ConvolutionUtils.cnn1dMaskReduction(mask, kernel[0], stride[0], padding[0], dilation[0], mode)
                : ConvolutionUtils.cnn2dMaskReduction(mask, kernel, stride, padding, dilation, mode);
    }

    /** Whether {@link #sumRows} gives back the rows' own memory, which then must outlive the layer. */
    boolean sharesRows() {
        return isPointwise();
    }

    /** {@code array} itself if its elements lie in C order without gaps, else a copy. */
    static INDArray contiguous(INDArray array, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        long expected = 1;
        for (int i = array.rank() - 1; i >= 0; i--) {
            if (array.size(i) != 1 && array.stride(i) != expected) {
                return workspaces.dup(lifetime, array, 'c');
            }
            expected *= array.size(i);
        }
        return array;
    }
}
