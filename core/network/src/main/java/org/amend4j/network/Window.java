/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import org.amend4j.internal.validation.Checks;

/**
 * The window of a convolution or pooling over an image. Padding is what is added above and to the left; how much is needed
 * below and to the right follows from the output's size.
 */
public record Window(
        int kernelHeight,
        int kernelWidth,
        int stepY,
        int stepX,
        int padY,
        int padX,
        int dilationY,
        int dilationX,
        int outHeight,
        int outWidth) {

    public Window {
        Checks.atLeast(1, "kernel height", kernelHeight);
        Checks.atLeast(1, "kernel width", kernelWidth);
        Checks.atLeast(1, "step in y", stepY);
        Checks.atLeast(1, "step in x", stepX);
        Checks.atLeast(0, "padding in y", padY);
        Checks.atLeast(0, "padding in x", padX);
        Checks.atLeast(1, "dilation in y", dilationY);
        Checks.atLeast(1, "dilation in x", dilationX);
        Checks.atLeast(1, "output height", outHeight);
        Checks.atLeast(1, "output width", outWidth);
    }

    /** One window as large as the image: global pooling. */
    public static Window whole(int height, int width) {
        return new Window(height, width, 1, 1, 0, 0, 1, 1, 1, 1);
    }

    /** Outputs of one channel over the batch. */
    public long positions(int batch) {
        return (long) batch * outHeight * outWidth;
    }
}
