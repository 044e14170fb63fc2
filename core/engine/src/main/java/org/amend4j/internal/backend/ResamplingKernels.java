/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/** Upsampling and cropping of images. */
public abstract class ResamplingKernels {

    /**
     * Each pixel becomes a block of equal ones.
     *
     * @param to [batch, channels, height · factorY, width · factorX] in either layout
     */
    public final void upsample(ImageView image, int factorY, int factorX, ImageView to) {
        check(image, factorY, factorX, to);
        computeUpsample(image, factorY, factorX, to);
    }

    protected abstract void computeUpsample(ImageView image, int factorY, int factorX, ImageView to);

    /** The gradient of {@link #upsample} with respect to its input: the sums of blocks. */
    public final void upsampleGradient(ImageView delta, int factorY, int factorX, ImageView image) {
        check(image, factorY, factorX, delta);
        computeUpsampleGradient(delta, factorY, factorX, image);
    }

    protected abstract void computeUpsampleGradient(ImageView delta, int factorY, int factorX, ImageView image);

    /**
     * {@code to(y, x) = image(y + top, x + left)}, 0 outside of the image: cropping. With negative distances it is zero padding,
     * and each is the other's gradient.
     *
     * @param to of any height and width
     */
    public final void crop(ImageView image, int top, int left, ImageView to) {
        to.requireShape("output", image.batch(), image.channels(), to.height(), to.width());
        computeCrop(image, top, left, to);
    }

    protected abstract void computeCrop(ImageView image, int top, int left, ImageView to);

    private static void check(ImageView image, int factorY, int factorX, ImageView large) {
        Checks.atLeast(1, "factor in y", factorY);
        Checks.atLeast(1, "factor in x", factorX);
        large.requireShape(
                "upsampled images",
                image.batch(),
                image.channels(),
                Math.multiplyExact(image.height(), factorY),
                Math.multiplyExact(image.width(), factorX));
    }
}
