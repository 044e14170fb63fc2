/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * A batch of images on a machine, gapless.
 *
 * @param channelsFirst whether an image is [channels, height, width] (NCHW) or [height, width, channels] (NHWC)
 */
public record ImageView(MachineArray array, boolean channelsFirst, int batch, int channels, int height, int width) {

    public ImageView {
        Checks.atLeast(0, "batch", batch);
        Checks.atLeast(1, "channels", channels);
        Checks.atLeast(1, "height", height);
        Checks.atLeast(1, "width", width);
        int image = Math.multiplyExact(Math.multiplyExact(channels, height), width);
        Shapes.requireReals("images", array, (long) batch * image);
    }

    /**
     * Refuses another shape.
     *
     * @throws IllegalArgumentException if the shape is another, naming {@code what}
     */
    public void requireShape(String what, int wantedBatch, int wantedChannels, int wantedHeight, int wantedWidth) {
        if (batch != wantedBatch || channels != wantedChannels || height != wantedHeight || width != wantedWidth) {
            throw new IllegalArgumentException(what + " must be " + wantedBatch + " images of " + wantedChannels + " x "
                    + wantedHeight + " x " + wantedWidth + ", got " + batch + " of " + channels + " x " + height + " x "
                    + width);
        }
    }
}
