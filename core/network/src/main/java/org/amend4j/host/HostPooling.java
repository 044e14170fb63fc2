/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

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
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeMaxGradient(ImageView delta, MachineArray places, Window window, ImageView image) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeAverage(ImageView image, Window window, boolean countPadding, ImageView to) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeAverageGradient(
            ImageView delta, Window window, boolean countPadding, ImageView image) {
        throw new UnsupportedOperationException(machine.name());
    }
}
