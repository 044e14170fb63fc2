/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.absent;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.integer;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import java.util.List;
import java.util.Optional;
import org.amend4j.cuda.device.Argument;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.network.Activation;
import org.amend4j.network.Window;

/** Convolutions: patches for a matrix product, and depthwise ones (convolution.cu). */
public final class ConvolutionKernels {

    private final KernelModule module;

    ConvolutionKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static ConvolutionKernels on(Device device) {
        return new ConvolutionKernels(device, KernelSource.resource("convolution"));
    }

    /**
     * The patches under a window, one a row. A 1×1 window with step 1 on channels last needs none of this: the image's own memory
     * is its patches.
     *
     * @param patches [batch · outHeight · outWidth, channels · kernelHeight · kernelWidth], columns in the order of
     *     Deeplearning4j's weights; zeros where the window leaves the image
     */
    public void patches(DeviceImages image, Window window, DeviceArray patches) {
        checkPatches(image, window, patches);
        if (patches.length() == 0) {
            return;
        }
        module.launch(
                "image_to_patches",
                LaunchShape.linear(patches.length()),
                ArgumentList.of(
                        List.of(in(image.array())), image.strides(), List.of(out(patches)), image.under(window)));
    }

    /** The gradient of {@link #patches}: each element of the image gets the sum of what its copies got. */
    public void patchesGradient(DeviceArray patches, Window window, DeviceImages image) {
        checkPatches(image, window, patches);
        if (image.array().length() == 0) {
            return;
        }
        module.launch(
                "patches_to_image",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(List.of(in(patches), out(image.array())), image.strides(), image.under(window)));
    }

    /**
     * A depthwise convolution and an activation: output channel = channel · multiplier + m.
     *
     * @param weights [kernelHeight, kernelWidth, channels, multiplier]
     * @param bias [channels · multiplier]
     * @param to [batch, channels · multiplier, outHeight, outWidth] in either layout
     */
    public void depthwise(
            DeviceImages image,
            DeviceArray weights,
            Optional<DeviceArray> bias,
            Window window,
            DeviceImages to,
            Activation activation) {
        int multiplier = multiplier(image, weights, window, to);
        bias.ifPresent(array -> Shapes.requireFloats("bias", array, to.channels()));
        if (to.array().length() == 0) {
            return;
        }
        module.launch(
                "depthwise",
                LaunchShape.linear(to.array().length()),
                ArgumentList.of(
                        List.of(in(image.array())),
                        image.strides(),
                        List.of(in(weights), bias.map(Argument::in).orElse(absent()), out(to.array())),
                        to.strides(),
                        List.of(integer(multiplier), ActivationCodes.argument(activation), real((float)
                                activation.slope())),
                        image.under(window)));
    }

    /** The gradient of {@link #depthwise}, before its activation, with respect to its input. */
    public void depthwiseGradient(DeviceImages delta, DeviceArray weights, Window window, DeviceImages image) {
        int multiplier = multiplier(image, weights, window, delta);
        if (image.array().length() == 0) {
            return;
        }
        module.launch(
                "depthwise_gradient",
                LaunchShape.linear(image.array().length()),
                ArgumentList.of(
                        List.of(out(image.array())),
                        image.strides(),
                        List.of(in(weights), in(delta.array())),
                        delta.strides(),
                        List.of(integer(multiplier)),
                        image.under(window)));
    }

    private static void checkPatches(DeviceImages image, Window window, DeviceArray patches) {
        int columns = Math.multiplyExact(image.channels(), window.taps());
        Shapes.requireFloats("patches", patches, window.positions(image.batch()) * columns);
    }

    private static int multiplier(DeviceImages image, DeviceArray weights, Window window, DeviceImages to) {
        int multiplier = to.channels() / image.channels();
        to.requireShape(
                "output",
                image.batch(),
                image.channels() * multiplier,
                window.y().out(),
                window.x().out());
        Shapes.requireFloats("weights", weights, (long) window.taps() * to.channels());
        return multiplier;
    }
}
