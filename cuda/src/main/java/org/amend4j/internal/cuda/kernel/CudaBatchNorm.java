/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;

import java.util.Optional;
import org.amend4j.internal.backend.BatchNormKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** BatchNorm on a device (batch_norm.cu). */
final class CudaBatchNorm extends BatchNormKernels {

    private final KernelModule module;

    CudaBatchNorm(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaBatchNorm on(Device device) {
        return new CudaBatchNorm(device, KernelSource.resource("batch_norm"));
    }

    @Override
    protected void computeApply(
            MachineArray x, MachineArray factor, Optional<MachineArray> shift, MachineArray y, long inner) {
        long channels = factor.length();
        module.launch(
                "channel_affine",
                LaunchShape.linear(x.length()),
                in(x),
                in(factor),
                shift.map(Argument::in).orElse(absent()),
                out(y),
                count(x.length() / (channels * inner)),
                integer((int) channels),
                count(inner));
    }
}
