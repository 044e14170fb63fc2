/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.AccumulationKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Accumulation on a device (accumulation.cu). */
final class CudaAccumulation extends AccumulationKernels {

    private final KernelModule module;

    CudaAccumulation(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaAccumulation on(Device device) {
        return new CudaAccumulation(device, KernelSource.resource("accumulation"));
    }

    @Override
    protected void computeAddTo(MachineArray from, double factor, MachineArray high, MachineArray low) {
        float factorHigh = (float) factor;
        module.launch(
                "add_to",
                LaunchShape.linear(from.length()),
                in(from),
                real(factorHigh),
                real((float) (factor - factorHigh)),
                out(high),
                out(low),
                count(from.length()));
    }
}
