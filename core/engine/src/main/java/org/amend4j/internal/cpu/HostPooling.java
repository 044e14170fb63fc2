/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PoolingKernels;
import org.amend4j.internal.network.Window;

/** Pooling on the host. */
final class HostPooling extends PoolingKernels {

    private final HostMachine machine;

    HostPooling(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeMax(ImageView image, Window window, ImageView to, MachineArray places) {
        VectorLoops<?> lanes = VectorLoops.of(to.array().type());
        MaxPool work = maxPool(lanes, image, window, to, places);
        machine.perform(() -> work.outputs(lanes, to.batch()));
    }

    @Override
    protected void computeMaxGradient(ImageView delta, MachineArray places, Window window, ImageView image) {
        VectorLoops<?> lanes = VectorLoops.of(delta.array().type());
        MaxPool work = maxPool(lanes, image, window, delta, places);
        machine.perform(() -> work.inputs(lanes, delta.batch()));
    }

    private MaxPool maxPool(
            VectorLoops<?> lanes, ImageView image, Window window, ImageView pooled, MachineArray places) {
        return new MaxPool(image(lanes, image), window, image(lanes, pooled), machine.address(places));
    }

    @Override
    protected void computeAverage(ImageView image, Window window, boolean countPadding, ImageView to) {
        Optional<WindowSums.Sizes> sizes = sizes(image, window, countPadding);
        VectorLoops<?> lanes = VectorLoops.of(to.array().type());
        WindowSums work = WindowSums.outputs(image(lanes, image), window, image(lanes, to), sizes);
        machine.perform(() -> work.run(lanes, to.batch()));
    }

    @Override
    protected void computeAverageGradient(ImageView delta, Window window, boolean countPadding, ImageView image) {
        Optional<WindowSums.Sizes> sizes = sizes(image, window, countPadding);
        VectorLoops<?> lanes = VectorLoops.of(delta.array().type());
        WindowSums work = WindowSums.inputs(image(lanes, delta), window, image(lanes, image), sizes);
        machine.perform(() -> work.run(lanes, delta.batch()));
    }

    private HostImage image(VectorLoops<?> lanes, ImageView view) {
        return HostImage.of(machine, lanes, view);
    }

    private static Optional<WindowSums.Sizes> sizes(ImageView image, Window window, boolean countPadding) {
        return Optional.of(WindowSums.Sizes.of(window, image.height(), image.width(), countPadding));
    }
}
