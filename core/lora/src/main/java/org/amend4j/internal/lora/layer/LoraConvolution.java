/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A 1D or 2D convolution of the base, with or without an adapter. The adapter is a convolution to {@code rank} channels
 * with the base's own kernel, stride, padding and dilation, then a 1×1 convolution: on rows of receptive fields, the
 * dense case. Input and output [batch, channels, height, width] or channels last; [batch, channels, time] or
 * [batch, time, channels].
 */
public final class LoraConvolution extends AdaptableLayer {

    private static final long serialVersionUID = 1L;

    private final transient ConvolutionRows rows;
    private final transient ActivationPass activation;
    private final long channels;
    private final boolean oneDimensional;
    private final boolean channelsLast;

    /**
     * A convolution of images.
     *
     * @param conf around the stock layer
     * @param base weights of the base by Deeplearning4j's keys, only read
     */
    public static LoraConvolution ofImages(
            ConvolutionLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        boolean channelsLast = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
        return new LoraConvolution(conf, base, type, ConvolutionRows.ofImages(layer), layer.getNIn(), channelsLast);
    }

    /** As {@link #ofImages}, of sequences. */
    public static LoraConvolution ofSequences(
            Convolution1DLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        boolean channelsLast = layer.getRnnDataFormat() == RNNFormat.NWC;
        return new LoraConvolution(conf, base, type, ConvolutionRows.ofSequences(layer), layer.getNIn(), channelsLast);
    }

    /** The kernel of a convolution of images as a matrix: a view of the base's memory. */
    public static WeightMatrix kernel(ConvolutionLayer layer) {
        return new Kernel(ConvolutionRows.ofImages(layer), layer.getNIn(), layer.getNOut());
    }

    /**
     * The kernel of a convolution of sequences as a matrix. It is stored as [k, nIn, nOut] whatever its shape says, and is copied
     * unless k = 1.
     */
    public static WeightMatrix kernelOfSequences(Convolution1DLayer layer) {
        return new Kernel(ConvolutionRows.ofSequences(layer), layer.getNIn(), layer.getNOut());
    }

    /**
     * @param rows how the layer's receptive fields lie
     * @param channels of the input
     * @param channelsLast whether they come after height and width, or after the time
     */
    private LoraConvolution(
            NeuralNetConfiguration conf,
            Map<String, INDArray> base,
            DataType type,
            ConvolutionRows rows,
            long channels,
            boolean channelsLast) {
        super(conf, base, type);
        this.rows = rows;
        this.channels = channels;
        this.activation = new ActivationPass(layerConf().getActivationFn());
        this.oneDimensional = rows.areOfSequences();
        this.channelsLast = channelsLast;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        ArrayType lifetime = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        INDArray x = inputAsNchw(lifetime, workspaces);
        INDArray fields = rows.rows(x, lifetime, workspaces);
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS,
                dataType,
                new long[] {fields.size(0), product().columns()},
                'c');
        forward(fields, z, training, ArrayType.ACTIVATIONS, workspaces);
        INDArray a = activation.forwardInPlace(z, training, workspaces);
        keepForward(training);
        return fromNchw(a.reshape('c', rows.outputShape(x, product().columns())).permute(0, 3, 1, 2));
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray x = inputAsNchw(ArrayType.BP_WORKING_MEM, workspaces);
        INDArray nhwc = asNchw(epsilon.castTo(dataType), ArrayType.BP_WORKING_MEM, workspaces)
                .permute(0, 2, 3, 1);
        INDArray dense = ConvolutionRows.contiguous(nhwc, ArrayType.BP_WORKING_MEM, workspaces);
        INDArray delta = activation.backward(dense.reshape(
                'c', new long[] {dense.length() / product().columns(), product().columns()}));
        ArrayType lifetime = rows.sharesRows() ? ArrayType.ACTIVATION_GRAD : ArrayType.BP_WORKING_MEM;
        Optional<INDArray> dx =
                backward(delta, lifetime, 'c', workspaces).map(fields -> fromNchw(rows.sumRows(fields, x, workspaces)));
        return new Pair<>(gradients(), dx.orElse(null));
    }

    private INDArray inputAsNchw(ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        int rank = oneDimensional ? 3 : 4;
        int dimension = channelsLast ? rank - 1 : 1;
        if (input.rank() != rank || input.size(dimension) != channels) {
            throw new DL4JInvalidInputException("input must have rank " + rank + " and " + channels
                    + " channels in dimension " + dimension + ", got shape " + Arrays.toString(input.shape()) + " "
                    + layerId());
        }
        return asNchw(input.castTo(dataType), lifetime, workspaces);
    }

    /** A view [batch, channels, height, width] of an activation in this layer's own format. */
    private INDArray asNchw(INDArray array, ArrayType lifetime, LayerWorkspaceMgr workspaces) {
        if (oneDimensional) {
            INDArray nwc =
                    ConvolutionRows.contiguous(channelsLast ? array : array.permute(0, 2, 1), lifetime, workspaces);
            return nwc.reshape('c', new long[] {nwc.size(0), nwc.size(1), 1, nwc.size(2)})
                    .permute(0, 3, 1, 2);
        }
        return channelsLast ? array.permute(0, 3, 1, 2) : array;
    }

    private INDArray fromNchw(INDArray nchw) {
        if (oneDimensional) {
            INDArray nwc = nchw.permute(0, 2, 3, 1).reshape('c', new long[] {nchw.size(0), nchw.size(2), nchw.size(1)});
            return channelsLast ? nwc : nwc.permute(0, 2, 1);
        }
        return channelsLast ? nchw.permute(0, 2, 3, 1) : nchw;
    }

    @Override
    public Type type() {
        return Type.CONVOLUTIONAL;
    }

    @Override
    public Pair<@Nullable INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState state, int minibatchSize) {
        return new Pair<>(mask == null ? null : rows.reducedMask(mask), state);
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
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
