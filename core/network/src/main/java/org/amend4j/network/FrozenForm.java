/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a layer computes in test mode on inputs of any size, as far as its weights and settings determine it: an {@link Operation}
 * has a shape, which is not yet known when these layers are compiled. Arrays are Deeplearning4j's own, and only read.
 */
public sealed interface FrozenForm {

    /**
     * {@code act(x·W + b)} on rows of features.
     *
     * @param weight [inputs, outputs]
     */
    record Dense(INDArray weight, Optional<INDArray> bias, IActivation activation) implements FrozenForm {}

    /**
     * How windows lie on images.
     *
     * @param order of an image's dimensions
     */
    record Grid(CNN2DFormat order, Axis height, Axis width) {}

    /**
     * A convolution, then an activation.
     *
     * @param kernel [outputs, inputs, height, width]
     */
    record Convolution(Grid grid, INDArray kernel, Optional<INDArray> bias, IActivation activation)
            implements FrozenForm {}

    /**
     * A convolution of each channel by itself, then an activation.
     *
     * @param kernel [height, width, inputs, multiplier]
     */
    record Depthwise(Grid grid, INDArray kernel, Optional<INDArray> bias, IActivation activation)
            implements FrozenForm {}

    /**
     * A depthwise convolution with neither bias nor activation, then one of single pixels.
     *
     * @param depthwise [height, width, inputs, multiplier]
     * @param pointwise [outputs, inputs · multiplier, 1, 1]
     */
    record Separable(Grid grid, INDArray depthwise, INDArray pointwise, Optional<INDArray> bias, IActivation activation)
            implements FrozenForm {}

    /** A factor and a shift per channel. */
    record PerChannel(CNN2DFormat order, ChannelAffine affine) implements FrozenForm {}

    /** A function of each element. */
    record Elementwise(IActivation activation) implements FrozenForm {}

    /** Zeros around images. */
    record ZeroPadding(CNN2DFormat order, int top, int bottom, int left, int right) implements FrozenForm {}

    /** Images without their edges. */
    record Crop(CNN2DFormat order, int top, int bottom, int left, int right) implements FrozenForm {}

    /** Each pixel a block of equal ones. */
    record Upsample(CNN2DFormat order, int factorY, int factorX) implements FrozenForm {}

    /** One number per channel of a whole image: average, sum or maximum. */
    record GlobalPooling(CNN2DFormat order, PoolingType type) implements FrozenForm {}
}
