/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.ConvolutionKernels;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/** Convolution on a device (convolution.cu). */
final class CudaConvolution extends ConvolutionKernels {

    private final KernelModule module;

    CudaConvolution(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaConvolution on(Device device) {
        return new CudaConvolution(device, KernelSource.resource("convolution"));
    }

    @Override
    protected void computePatches(ImageView image, Window window, PatchOrder order, MachineArray patches) {
        module.launch(
                "image_to_patches",
                LaunchShape.linear(patches.length()),
                ArgumentList.of(
                        List.of(in(image.array())),
                        ImageArguments.strides(image),
                        List.of(out(patches), tapsFirst(order)),
                        ImageArguments.under(image, window)));
    }

    @Override
    protected void computePatchesGradient(MachineArray patches, Window window, PatchOrder order, ImageView image) {
        module.launch(
                "patches_to_image",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(
                        List.of(in(patches), out(image.array())),
                        ImageArguments.strides(image),
                        List.of(tapsFirst(order)),
                        ImageArguments.under(image, window)));
    }

    private static Argument tapsFirst(PatchOrder order) {
        return integer(order == PatchOrder.TAP_CHANNEL ? 1 : 0);
    }

    @Override
    protected void computeDepthwise(
            ImageView image,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            ImageView to,
            Activation activation) {
        int multiplier = to.channels() / image.channels();
        module.launch(
                "depthwise",
                LaunchShape.linear(to.array().length()),
                ArgumentList.of(
                        List.of(in(image.array())),
                        ImageArguments.strides(image),
                        List.of(in(weights), bias.map(Argument::in).orElse(absent()), out(to.array())),
                        ImageArguments.strides(to),
                        List.of(integer(multiplier), ActivationCodes.argument(activation), real((float)
                                activation.slope())),
                        ImageArguments.under(image, window)));
    }

    @Override
    protected void computeDepthwiseGradient(ImageView delta, MachineArray weights, Window window, ImageView image) {
        int multiplier = delta.channels() / image.channels();
        module.launch(
                "depthwise_gradient",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(
                        List.of(out(image.array())),
                        ImageArguments.strides(image),
                        List.of(in(weights), in(delta.array())),
                        ImageArguments.strides(delta),
                        List.of(integer(multiplier)),
                        ImageArguments.under(image, window)));
    }
}
