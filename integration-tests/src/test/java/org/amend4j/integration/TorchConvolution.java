/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution of MobileNetV2 in libtorch with its frozen batch norm {@code g ⊙ y + h} folded in (channels first):
 * {@code conv(x, g ⊙ W) + h}, and with an adapter {@code + conv(conv(x, A), s·g ⊙ B)}, where {@code s·g} meets the small
 * B instead of the activations. Kernels are turned by 180°: on pictures turned likewise, and sides that halve, Keras's
 * padding of one row below and one column right becomes libtorch's ordinary padding of one, which costs no copy.
 */
final class TorchConvolution {

    private static final Shape ONE = new Shape(1, 1);

    /** A and B as kernels [rank, nIn, 1, 1] and [nOut, rank, 1, 1]; gain {@code s·g} [nOut, 1, 1, 1]. */
    private record Adapter(NDArray down, NDArray up, NDArray gain) {}

    private final NDArray weight;
    private final NDArray bias;
    private final Shape stride;
    private final Shape padding;
    private final int groups;
    private final boolean clamped;
    private final double[] gain;
    private Optional<Adapter> adapter = Optional.empty();

    /**
     * Reads a layer and what follows it.
     *
     * @param network where the weights are
     * @param name the convolution; a vertex {@code name + "_relu"} means that ReLU6 follows
     * @param norm the batch norm behind it
     */
    TorchConvolution(NDManager manager, ComputationGraph network, String name, String norm) {
        ConvolutionLayer layer =
                (ConvolutionLayer) network.getLayer(name).conf().getLayer();
        INDArray stored = network.getLayer(name).getParam("W");
        BatchNormalization normLayer =
                (BatchNormalization) network.getLayer(norm).conf().getLayer();
        gain = parameter(network, norm, "gamma");
        double[] shift = parameter(network, norm, "beta");
        double[] mean = parameter(network, norm, "mean");
        double[] variance = parameter(network, norm, "var");
        for (int channel = 0; channel < gain.length; channel++) {
            gain[channel] /= Math.sqrt(variance[channel] + normLayer.getEps());
            shift[channel] -= mean[channel] * gain[channel];
        }
        boolean depthwise = layer instanceof DepthwiseConvolution2D;
        groups = depthwise ? gain.length : 1;
        // A depthwise kernel is [kH, kW, nIn, 1] here and [nIn, 1, kH, kW] there.
        INDArray kernel = depthwise ? stored.permute(2, 3, 0, 1) : stored;
        int side = (int) kernel.size(2);
        weight = TorchArrays.owned(manager, folded(MergedDl4j.rowMajor(kernel), gain, side * side), kernel.shape());
        bias = TorchArrays.owned(manager, floats(shift, 1), gain.length);
        stride = new Shape(layer.getStride()[0], layer.getStride()[1]);
        padding = new Shape(side / 2, side / 2);
        clamped = network.getVertex(name + "_relu") != null;
    }

    /** Puts the problem's adapter on this convolution and lets it train as {@code name.A} and {@code name.B}. */
    void adapt(NDManager manager, MobileNetProblem problem, String name, TorchParameters parameters) {
        int nIn = (int) weight.getShape().get(1);
        int nOut = gain.length;
        NDArray down = TorchArrays.pointwise(manager, problem.adapterA(name, nIn), nIn, MobileNetProblem.RANK);
        NDArray up = TorchArrays.pointwise(manager, problem.adapterB(name, nOut), MobileNetProblem.RANK, nOut);
        parameters.train(name + ".A", down);
        parameters.train(name + ".B", up);
        float[] scaled = floats(gain, MobileNetProblem.ALPHA / MobileNetProblem.RANK);
        adapter = Optional.of(new Adapter(down, up, TorchArrays.owned(manager, scaled, nOut, 1, 1, 1)));
    }

    /** Output for input [batch, nIn, h, w]; every intermediate is let go at once, as Python would. */
    NDArray forward(NDArray x) {
        NDArray y = convolve(x);
        adapter.ifPresent(added -> {
            try (NDArray low = pointwise(x, added.down());
                    NDArray up = added.up().mul(added.gain());
                    NDArray change = pointwise(low, up)) {
                y.addi(change);
            }
        });
        if (!clamped) {
            return y;
        }
        try (y) {
            // The bounds become numbers before autograd sees them, so that no Java buffer outlives this line.
            return y.clip(0, 6);
        }
    }

    private NDArray convolve(NDArray x) {
        return Conv2d.conv2d(x, weight, bias, stride, padding, ONE, groups).singletonOrThrow();
    }

    private static NDArray pointwise(NDArray x, NDArray kernel) {
        return Conv2d.conv2d(x, kernel).singletonOrThrow();
    }

    /** Kernels turned by 180° and scaled; each of {@code gain.length} output channels is one run of the array. */
    private static float[] folded(float[] kernels, double[] gain, int area) {
        float[] result = new float[kernels.length];
        int perChannel = kernels.length / gain.length;
        for (int i = 0; i < kernels.length; i++) {
            int turned = i - i % area + area - 1 - i % area;
            result[turned] = (float) (kernels[i] * gain[i / perChannel]);
        }
        return result;
    }

    private static double[] parameter(ComputationGraph network, String layer, String key) {
        return network.getLayer(layer).getParam(key).dup('c').data().asDouble();
    }

    private static float[] floats(double[] values, double factor) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) (values[i] * factor);
        }
        return result;
    }
}
