/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.integer;

import java.util.List;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.internal.validation.Checks;
import org.amend4j.network.Window;

/**
 * A batch of images on a device, gapless.
 *
 * @param channelsFirst whether an image is [channels, height, width] (NCHW) or [height, width, channels] (NHWC)
 */
public record DeviceImages(DeviceArray array, boolean channelsFirst, int batch, int channels, int height, int width) {

    public DeviceImages {
        Checks.atLeast(0, "batch", batch);
        Checks.atLeast(1, "channels", channels);
        Checks.atLeast(1, "height", height);
        Checks.atLeast(1, "width", width);
        int image = Math.multiplyExact(Math.multiplyExact(channels, height), width);
        Shapes.requireFloats("images", array, (long) batch * image);
    }

    /** Distances between neighbours in the batch, in channels, rows and columns of pixels. */
    List<Argument> strides() {
        int image = channels * height * width;
        return channelsFirst
                ? List.of(integer(image), integer(height * width), integer(width), integer(1))
                : List.of(integer(image), integer(1), integer(width * channels), integer(channels));
    }

    /** The images' sizes and how a window looks at them, as kernels take them. */
    List<Argument> under(Window window) {
        return List.of(
                integer(batch),
                integer(channels),
                integer(height),
                integer(width),
                integer(window.y().out()),
                integer(window.x().out()),
                integer(window.y().kernel()),
                integer(window.x().kernel()),
                integer(window.y().step()),
                integer(window.x().step()),
                integer(window.y().pad()),
                integer(window.x().pad()),
                integer(window.y().dilation()),
                integer(window.x().dilation()));
    }

    void requireShape(String what, int wantedBatch, int wantedChannels, int wantedHeight, int wantedWidth) {
        if (batch != wantedBatch || channels != wantedChannels || height != wantedHeight || width != wantedWidth) {
            throw new IllegalArgumentException(what + " must be " + wantedBatch + " images of " + wantedChannels + " x "
                    + wantedHeight + " x " + wantedWidth + ", got " + batch + " of " + channels + " x " + height + " x "
                    + width);
        }
    }
}
