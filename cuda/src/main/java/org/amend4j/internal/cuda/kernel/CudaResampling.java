/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import java.util.List;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.ResamplingKernels;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Resampling on a device (resampling.cu). */
final class CudaResampling extends ResamplingKernels {

    private final KernelModule module;

    CudaResampling(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaResampling on(Device device) {
        return new CudaResampling(device, KernelSource.resource("resampling"));
    }

    @Override
    protected void computeUpsample(ImageView image, int factorY, int factorX, ImageView to) {
        launch(
                "upsample",
                to,
                List.of(in(image.array())),
                image,
                List.of(out(to.array())),
                to,
                List.of(integer(factorY), integer(factorX)));
    }

    @Override
    protected void computeUpsampleGradient(ImageView delta, int factorY, int factorX, ImageView image) {
        launch(
                "upsample_gradient",
                image,
                List.of(out(image.array())),
                image,
                List.of(in(delta.array())),
                delta,
                List.of(integer(factorY), integer(factorX)));
    }

    @Override
    protected void computeCrop(ImageView image, int top, int left, ImageView to) {
        launch(
                "crop",
                to,
                List.of(in(image.array())),
                image,
                List.of(out(to.array())),
                to,
                List.of(integer(to.height()), integer(to.width()), integer(top), integer(left)));
    }

    /** One item per element that is written. */
    private void launch(
            String kernel,
            ImageView written,
            List<Argument> imageArray,
            ImageView image,
            List<Argument> otherArray,
            ImageView other,
            List<Argument> rest) {
        if (written.array().length() == 0) {
            return;
        }
        module.launch(
                kernel,
                LaunchShape.linear(written.array().length()),
                ArgumentList.of(
                        imageArray,
                        ImageArguments.strides(image),
                        otherArray,
                        ImageArguments.strides(other),
                        List.of(
                                integer(image.batch()),
                                integer(image.channels()),
                                integer(image.height()),
                                integer(image.width())),
                        rest));
    }
}
