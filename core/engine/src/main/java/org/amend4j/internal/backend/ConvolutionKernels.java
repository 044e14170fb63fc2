/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/** Convolutions: patches for a matrix product, and depthwise ones (convolution.cu). */
public abstract class ConvolutionKernels {

    /**
     * The patches under a window, one a row. A 1×1 window with step 1 on channels last needs none of this: the image's own memory
     * is its patches.
     *
     * @param order of the columns
     * @param patches [batch · outHeight · outWidth, channels · kernelHeight · kernelWidth]; zeros where the window leaves the image
     */
    public final void patches(ImageView image, Window window, PatchOrder order, MachineArray patches) {
        checkPatches(image, window, patches);
        if (patches.length() == 0) {
            return;
        }
        computePatches(image, window, order, patches);
    }

    protected abstract void computePatches(ImageView image, Window window, PatchOrder order, MachineArray patches);

    /** The gradient of {@link #patches}: each element of the image gets the sum of what its copies got. */
    public final void patchesGradient(MachineArray patches, Window window, PatchOrder order, ImageView image) {
        checkPatches(image, window, patches);
        if (image.array().length() == 0) {
            return;
        }
        computePatchesGradient(patches, window, order, image);
    }

    protected abstract void computePatchesGradient(
            MachineArray patches, Window window, PatchOrder order, ImageView image);

    /**
     * A depthwise convolution and an activation: output channel = channel · multiplier + m.
     *
     * @param weights [kernelHeight, kernelWidth, channels, multiplier]
     * @param bias [channels · multiplier]
     * @param to [batch, channels · multiplier, outHeight, outWidth] in either layout
     */
    public final void depthwise(
            ImageView image,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            ImageView to,
            Activation activation) {
        checkMultiplier(image, weights, window, to);
        bias.ifPresent(array -> Shapes.requireReals("bias", array, to.channels()));
        if (to.array().length() == 0) {
            return;
        }
        computeDepthwise(image, weights, bias, window, to, activation);
    }

    protected abstract void computeDepthwise(
            ImageView image,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            ImageView to,
            Activation activation);

    /** The gradient of {@link #depthwise}, before its activation, with respect to its input. */
    public final void depthwiseGradient(ImageView delta, MachineArray weights, Window window, ImageView image) {
        checkMultiplier(image, weights, window, delta);
        if (image.array().length() == 0) {
            return;
        }
        computeDepthwiseGradient(delta, weights, window, image);
    }

    protected abstract void computeDepthwiseGradient(
            ImageView delta, MachineArray weights, Window window, ImageView image);

    private static void checkPatches(ImageView image, Window window, MachineArray patches) {
        int columns = Math.multiplyExact(image.channels(), window.taps());
        Shapes.requireReals("patches", patches, window.positions(image.batch()) * columns);
    }

    private static void checkMultiplier(ImageView image, MachineArray weights, Window window, ImageView to) {
        int multiplier = to.channels() / image.channels();
        to.requireShape(
                "output",
                image.batch(),
                image.channels() * multiplier,
                window.y().out(),
                window.x().out());
        Shapes.requireReals("weights", weights, (long) window.taps() * to.channels());
    }
}
