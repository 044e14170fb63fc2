/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.validation.Checks;

/**
 * The activations of one example: pixels, row after row, each with its channels (channels last, whatever Deeplearning4j shows).
 * Features are one pixel.
 */
public record Shape(int height, int width, int channels) {

    public Shape {
        Checks.atLeast(1, "height", height);
        Checks.atLeast(1, "width", width);
        Checks.atLeast(1, "channels", channels);
        Math.multiplyExact(Math.multiplyExact(height, width), channels);
    }

    /** One pixel with {@code count} channels. */
    public static Shape features(int count) {
        return new Shape(1, 1, count);
    }

    /** Pixels: rows of the matrix of channels. */
    public int pixels() {
        return height * width;
    }

    /** Numbers in all. */
    public int size() {
        return pixels() * channels;
    }

    @Override
    public String toString() {
        return pixels() == 1 ? "[" + channels + "]" : "[" + height + " x " + width + " x " + channels + "]";
    }
}
