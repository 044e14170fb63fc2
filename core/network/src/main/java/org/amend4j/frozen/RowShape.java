/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

/**
 * The shape of activations held as rows of channels.
 *
 * @param n examples
 * @param h height, 1 for features
 * @param w width, 1 for features
 * @param c channels
 * @param layout how DL4J shows the same activations
 */
record RowShape(int n, int h, int w, int c, Layout layout) {

    /** DL4J's view of activations that we hold as [n, h, w, c]. */
    enum Layout {
        /** [n, h, w, c]. */
        NHWC,
        /** [n, c, h, w]. */
        NCHW,
        /** [n, c]. */
        FEATURES
    }

    /** The number of pixels: rows of the matrix of channels. */
    int pixels() {
        return Math.multiplyExact(Math.multiplyExact(n, h), w);
    }

    /** The number of floats. */
    long floats() {
        return (long) pixels() * c;
    }

    /** The same pixels with another number of channels. */
    RowShape channels(int channels) {
        return new RowShape(n, h, w, channels, layout);
    }
}
