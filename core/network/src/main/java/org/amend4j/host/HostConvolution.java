/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.Optional;
import org.amend4j.machine.ConvolutionKernels;
import org.amend4j.machine.ImageView;
import org.amend4j.machine.MachineArray;
import org.amend4j.network.Activation;
import org.amend4j.network.Window;

/** Convolution on the host. */
final class HostConvolution extends ConvolutionKernels {

    private final HostMachine machine;

    HostConvolution(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computePatches(ImageView image, Window window, MachineArray patches) {
        Lanes<?> lanes = Lanes.of(patches.type());
        Patches work = new Patches(HostImage.of(machine, image), window, machine.address(patches));
        machine.perform(() -> work.copy(lanes, image.batch()));
    }

    @Override
    protected void computePatchesGradient(MachineArray patches, Window window, ImageView image) {
        Lanes<?> lanes = Lanes.of(patches.type());
        Patches work = new Patches(HostImage.of(machine, image), window, machine.address(patches));
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
        Depthwise.Factors factors = factors(weights, bias, window, activation);
        perform(
                Depthwise.outputs(HostImage.of(machine, image), window, HostImage.of(machine, to), factors),
                Lanes.of(weights.type()),
                image.batch());
    }

    @Override
    protected void computeDepthwiseGradient(ImageView delta, MachineArray weights, Window window, ImageView image) {
        Depthwise.Factors factors = factors(weights, Optional.empty(), window, Activation.IDENTITY);
        perform(
                Depthwise.inputs(HostImage.of(machine, delta), window, HostImage.of(machine, image), factors),
                Lanes.of(weights.type()),
                image.batch());
    }

    private Depthwise.Factors factors(
            MachineArray weights, Optional<MachineArray> bias, Window window, Activation activation) {
        return new Depthwise.Factors(
                machine.address(weights),
                bias.map(machine::address).orElse(0L),
                window.x().kernel(),
                window.taps(),
                activation);
    }

    private void perform(Depthwise work, Lanes<?> lanes, int batch) {
        machine.perform(() -> work.run(lanes, batch));
    }
}
