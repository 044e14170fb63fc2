/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/** Upsampling and cropping of images (resampling.cu). */
public final class ResamplingKernels {

    private final KernelModule module;

    ResamplingKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static ResamplingKernels on(Device device) {
        return new ResamplingKernels(device, KernelSource.resource("resampling"));
    }

    /**
     * Each pixel becomes a block of equal ones.
     *
     * @param to [batch, channels, height · factorY, width · factorX] in either layout
     */
    public void upsample(DeviceImages image, int factorY, int factorX, DeviceImages to) {
        check(image, factorY, factorX, to);
        launch(
                "upsample",
                to,
                List.of(in(image.array())),
                image,
                List.of(out(to.array())),
                to,
                sizes(image),
                List.of(integer(factorY), integer(factorX)));
    }

    /** The gradient of {@link #upsample} with respect to its input: the sums of blocks. */
    public void upsampleGradient(DeviceImages delta, int factorY, int factorX, DeviceImages image) {
        check(image, factorY, factorX, delta);
        launch(
                "upsample_gradient",
                image,
                List.of(out(image.array())),
                image,
                List.of(in(delta.array())),
                delta,
                sizes(image),
                List.of(integer(factorY), integer(factorX)));
    }

    /**
     * {@code to(y, x) = image(y + top, x + left)}, 0 outside of the image: cropping. With negative distances it is zero padding,
     * and each is the other's gradient.
     *
     * @param to of any height and width
     */
    public void crop(DeviceImages image, int top, int left, DeviceImages to) {
        to.requireShape("output", image.batch(), image.channels(), to.height(), to.width());
        launch(
                "crop",
                to,
                List.of(in(image.array())),
                image,
                List.of(out(to.array())),
                to,
                sizes(image),
                List.of(integer(to.height()), integer(to.width()), integer(top), integer(left)));
    }

    private static void check(DeviceImages image, int factorY, int factorX, DeviceImages large) {
        Checks.atLeast(1, "factor in y", factorY);
        Checks.atLeast(1, "factor in x", factorX);
        large.requireShape(
                "upsampled images",
                image.batch(),
                image.channels(),
                Math.multiplyExact(image.height(), factorY),
                Math.multiplyExact(image.width(), factorX));
    }

    private static List<Argument> sizes(DeviceImages image) {
        return List.of(
                integer(image.batch()), integer(image.channels()), integer(image.height()), integer(image.width()));
    }

    /** One item per element that is written. */
    private void launch(
            String kernel,
            DeviceImages written,
            List<Argument> imageArray,
            DeviceImages image,
            List<Argument> otherArray,
            DeviceImages other,
            List<Argument> sizes,
            List<Argument> rest) {
        if (written.array().length() == 0) {
            return;
        }
        module.launch(
                kernel,
                LaunchShape.linear(written.array().length()),
                ArgumentList.of(imageArray, image.strides(), otherArray, other.strides(), sizes, rest));
    }
}
