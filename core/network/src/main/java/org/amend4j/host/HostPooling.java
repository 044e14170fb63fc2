/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.Optional;
import org.amend4j.machine.ImageView;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.PoolingKernels;
import org.amend4j.network.Window;

/** Pooling on the host. */
final class HostPooling extends PoolingKernels {

    private final HostMachine machine;

    HostPooling(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeMax(ImageView image, Window window, ImageView to, MachineArray places) {
        MaxPool work = maxPool(image, window, to, places);
        Lanes<?> lanes = Lanes.of(to.array().type());
        machine.perform(() -> work.outputs(lanes, to.batch()));
    }

    @Override
    protected void computeMaxGradient(ImageView delta, MachineArray places, Window window, ImageView image) {
        MaxPool work = maxPool(image, window, delta, places);
        Lanes<?> lanes = Lanes.of(delta.array().type());
        machine.perform(() -> work.inputs(lanes, delta.batch()));
    }

    private MaxPool maxPool(ImageView image, Window window, ImageView pooled, MachineArray places) {
        return new MaxPool(
                HostImage.of(machine, image), window, HostImage.of(machine, pooled), machine.address(places));
    }

    @Override
    protected void computeAverage(ImageView image, Window window, boolean countPadding, ImageView to) {
        Optional<WindowSums.Sizes> sizes = sizes(image, window, countPadding);
        WindowSums work = WindowSums.outputs(HostImage.of(machine, image), window, HostImage.of(machine, to), sizes);
        Lanes<?> lanes = Lanes.of(to.array().type());
        machine.perform(() -> work.run(lanes, to.batch()));
    }

    @Override
    protected void computeAverageGradient(ImageView delta, Window window, boolean countPadding, ImageView image) {
        Optional<WindowSums.Sizes> sizes = sizes(image, window, countPadding);
        WindowSums work = WindowSums.inputs(HostImage.of(machine, delta), window, HostImage.of(machine, image), sizes);
        Lanes<?> lanes = Lanes.of(delta.array().type());
        machine.perform(() -> work.run(lanes, delta.batch()));
    }

    private static Optional<WindowSums.Sizes> sizes(ImageView image, Window window, boolean countPadding) {
        return Optional.of(WindowSums.Sizes.of(window, image.height(), image.width(), countPadding));
    }
}
