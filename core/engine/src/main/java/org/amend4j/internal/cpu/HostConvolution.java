/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.ConvolutionKernels;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/** Convolution on the host. */
final class HostConvolution extends ConvolutionKernels {

    private final HostMachine machine;

    HostConvolution(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computePatches(ImageView image, Window window, PatchOrder order, MachineArray patches) {
        VectorLoops<?> lanes = VectorLoops.of(patches.type());
        Patches work = new Patches(image(lanes, image), window, order, machine.address(patches));
        machine.perform(() -> work.copy(lanes, image.batch()));
    }

    @Override
    protected void computePatchesGradient(MachineArray patches, Window window, PatchOrder order, ImageView image) {
        VectorLoops<?> lanes = VectorLoops.of(patches.type());
        Patches work = new Patches(image(lanes, image), window, order, machine.address(patches));
        machine.perform(() -> work.sum(lanes, image.batch()));
    }

    @Override
    protected void computeDepthwise(
            ImageView image,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            ImageView to,
            Activation activation) {
        VectorLoops<?> lanes = VectorLoops.of(weights.type());
        Depthwise.Factors factors = factors(lanes, weights, bias, window, activation);
        Depthwise work = Depthwise.outputs(image(lanes, image), window, image(lanes, to), factors);
        machine.perform(() -> work.run(lanes, image.batch()));
    }

    @Override
    protected void computeDepthwiseGradient(ImageView delta, MachineArray weights, Window window, ImageView image) {
        VectorLoops<?> lanes = VectorLoops.of(weights.type());
        Depthwise.Factors factors = factors(lanes, weights, Optional.empty(), window, Activation.IDENTITY);
        Depthwise work = Depthwise.inputs(image(lanes, delta), window, image(lanes, image), factors);
        machine.perform(() -> work.run(lanes, image.batch()));
    }

    private HostImage image(VectorLoops<?> lanes, ImageView view) {
        return HostImage.of(machine, lanes, view);
    }

    private Depthwise.Factors factors(
            VectorLoops<?> lanes,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            Activation activation) {
        return new Depthwise.Factors(
                machine.address(lanes, weights),
                bias.map(array -> machine.address(lanes, array)).orElse(0L),
                window.x().kernel(),
                window.taps(),
                activation);
    }
}
