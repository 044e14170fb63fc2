/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.machine.AccumulationKernels;
import org.amend4j.machine.MachineArray;

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
