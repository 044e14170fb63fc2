/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.amend4j.machine.ImageView;
import org.amend4j.machine.ResamplingKernels;

/** Resampling on the host. */
final class HostResampling extends ResamplingKernels {

    private final HostMachine machine;

    HostResampling(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeUpsample(ImageView image, int factorY, int factorX, ImageView to) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeUpsampleGradient(ImageView delta, int factorY, int factorX, ImageView image) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeCrop(ImageView image, int top, int left, ImageView to) {
        throw new UnsupportedOperationException(machine.name());
    }
}
