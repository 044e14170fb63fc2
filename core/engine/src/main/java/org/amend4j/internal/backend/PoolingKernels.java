/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.network.Window;

/** Pooling over windows of images; {@link Window#whole} is global pooling. */
public abstract class PoolingKernels {

    /**
     * The greatest element of each window, the first in row order among equals.
     *
     * @param to [batch, channels, outHeight, outWidth] in either layout
     * @param places overwritten with where it was, for {@link #maxGradient}; as long as {@code to}
     */
    public final void max(ImageView image, Window window, ImageView to, MachineArray places) {
        Shapes.requireInts("places", places, to.array().length());
        check(image, window, to);
        computeMax(image, window, to, places);
    }

    protected abstract void computeMax(ImageView image, Window window, ImageView to, MachineArray places);

    /** The gradient of {@link #max} with respect to its input. */
    public final void maxGradient(ImageView delta, MachineArray places, Window window, ImageView image) {
        Shapes.requireInts("places", places, delta.array().length());
        check(image, window, delta);
        computeMaxGradient(delta, places, window, image);
    }

    protected abstract void computeMaxGradient(ImageView delta, MachineArray places, Window window, ImageView image);

    /**
     * The average of each window.
     *
     * @param countPadding whether padding counts as zeros, or not at all
     */
    public final void average(ImageView image, Window window, boolean countPadding, ImageView to) {
        check(image, window, to);
        computeAverage(image, window, countPadding, to);
    }

    protected abstract void computeAverage(ImageView image, Window window, boolean countPadding, ImageView to);

    /** The gradient of {@link #average} with respect to its input. */
    public final void averageGradient(ImageView delta, Window window, boolean countPadding, ImageView image) {
        check(image, window, delta);
        computeAverageGradient(delta, window, countPadding, image);
    }

    protected abstract void computeAverageGradient(
            ImageView delta, Window window, boolean countPadding, ImageView image);

    private static void check(ImageView image, Window window, ImageView pooled) {
        pooled.requireShape(
                "output",
                image.batch(),
                image.channels(),
                window.y().out(),
                window.x().out());
    }
}
