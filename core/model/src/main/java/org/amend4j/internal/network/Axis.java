/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;

/**
 * The geometry of a convolution window along one axis (height or width).
 *
 * @param kernel number of taps, at least 1
 * @param stride distance between windows, at least 1
 * @param dilation distance between taps, at least 1
 * @param mode DL4J's convolution mode: Same, Truncate or Strict
 * @param padding zeros on both sides, not used in Same mode
 */
record Axis(int kernel, int stride, int dilation, ConvolutionMode mode, int padding) {

    /** The window of a convolution along the height (0) or the width (1). */
    static Axis of(ConvolutionLayer conf, int dimension) {
        return new Axis(
                conf.getKernelSize()[dimension],
                conf.getStride()[dimension],
                conf.getDilation()[dimension],
                conf.getConvolutionMode(),
                conf.getConvolutionMode() == ConvolutionMode.Same ? 0 : conf.getPadding()[dimension]);
    }

    /** The number of input positions one window spans. */
    int extent() {
        return (kernel - 1) * dilation + 1;
    }

    /**
     * The number of windows over an input of the given length, as DL4J counts them.
     *
     * @throws IllegalArgumentException if no window fits, or if the mode is Strict and the windows do not fit exactly
     */
    int outputs(int length) {
        if (mode == ConvolutionMode.Same) {
            return (length + stride - 1) / stride;
        }
        int room = length - extent() + 2 * padding;
        if (room < 0) {
            throw new IllegalArgumentException(
                    "input length must be >= " + (extent() - 2 * padding) + ", got " + length);
        }
        if (mode == ConvolutionMode.Strict && room % stride != 0) {
            throw new IllegalArgumentException("(input - kernel + padding) must be divisible by the stride " + stride
                    + " in Strict mode, got " + room);
        }
        return room / stride + 1;
    }

    /**
     * The number of zeros in front of the first input element.
     *
     * @throws IllegalArgumentException if Same mode would need a negative number of zeros
     */
    int front(int length) {
        if (mode != ConvolutionMode.Same) {
            return padding;
        }
        int same = ((outputs(length) - 1) * stride + extent() - length) / 2;
        if (same < 0) {
            throw new IllegalArgumentException(
                    "Same mode needs a kernel that covers the stride " + stride + ", got kernel " + kernel);
        }
        return same;
    }
}
