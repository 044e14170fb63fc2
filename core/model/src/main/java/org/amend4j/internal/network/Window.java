/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.validation.Checks;

/** The window of a convolution or pooling over an image, down (y) and across (x). */
public record Window(Span y, Span x) {

    /**
     * A window along one axis. Padding is what is added in front, above or to the left; how much is needed behind follows from
     * the output's size.
     *
     * @param kernel number of taps, at least 1
     * @param step from one output to the next, at least 1
     * @param pad at least 0
     * @param dilation distance between taps, at least 1
     * @param out number of outputs, at least 1
     */
    public record Span(int kernel, int step, int pad, int dilation, int out) {

        public Span {
            Checks.atLeast(1, "kernel", kernel);
            Checks.atLeast(1, "step", step);
            Checks.atLeast(0, "padding", pad);
            Checks.atLeast(1, "dilation", dilation);
            Checks.atLeast(1, "output", out);
        }

        /** One window over everything. */
        static Span whole(int length) {
            return new Span(length, 1, 0, 1, 1);
        }

        /** One tap, over an input with zeros around it. */
        static Span padding(int before, int length, int after) {
            return new Span(1, 1, before, 1, length + before + after);
        }

        /** With more zeros in front. */
        Span padded(int more) {
            return new Span(kernel, step, pad + more, dilation, out);
        }

        /** Whether it leaves every number of so many where it is. */
        boolean isTrivial(int length) {
            return kernel == 1 && step == 1 && out == length;
        }
    }

    /** One window as large as the image: global pooling. */
    public static Window whole(int height, int width) {
        return new Window(Span.whole(height), Span.whole(width));
    }

    /** Taps of one channel. */
    public int taps() {
        return Math.multiplyExact(y.kernel(), x.kernel());
    }

    /** Outputs of one channel over the batch. */
    public long positions(int batch) {
        return (long) batch * y.out() * x.out();
    }
}
