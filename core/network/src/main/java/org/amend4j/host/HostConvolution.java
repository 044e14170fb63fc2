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
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computePatchesGradient(MachineArray patches, Window window, ImageView image) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeDepthwise(
            ImageView image,
            MachineArray weights,
            Optional<MachineArray> bias,
            Window window,
            ImageView to,
            Activation activation) {
        throw new UnsupportedOperationException(machine.name());
    }

    @Override
    protected void computeDepthwiseGradient(
            ImageView delta, MachineArray weights, Window window, ImageView image) {
        throw new UnsupportedOperationException(machine.name());
    }
}
