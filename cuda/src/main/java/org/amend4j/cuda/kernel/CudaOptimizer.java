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
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.OptimizerKernels;

/** Optimizer on a device (optimizer.cu). */
final class CudaOptimizer extends OptimizerKernels {

    private final KernelModule module;

    CudaOptimizer(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaOptimizer on(Device device) {
        return new CudaOptimizer(device, KernelSource.resource("optimizer"));
    }

    @Override
    protected void computeSgdInPlace(MachineArray parameters, MachineArray gradient, double factor, double rate) {
        module.launch(
                "sgd",
                LaunchShape.linear(parameters.length()),
                out(parameters),
                in(gradient),
                real((float) factor),
                real((float) rate),
                count(parameters.length()));
    }

    @Override
    protected void computeAdamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            double rate,
            Adam adam,
            int step) {
        long length = parameters.length();
        module.launch(
                "adam",
                LaunchShape.linear(length),
                out(parameters),
                in(gradient),
                out(first),
                out(second),
                real((float) factor),
                real((float) corrected(rate, adam, step)),
                real((float) adam.beta1()),
                real((float) (1 - adam.beta1())),
                real((float) adam.beta2()),
                real((float) (1 - adam.beta2())),
                real((float) adam.epsilon()),
                count(length));
    }
}
