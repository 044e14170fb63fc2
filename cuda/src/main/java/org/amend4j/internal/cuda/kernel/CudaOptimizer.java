/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.count;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;

/** Optimizer on a device (optimizer.cu). */
final class CudaOptimizer extends OptimizerKernels {

    private static final int BEGINNING_THREADS = 1024;

    private final KernelModule module;

    CudaOptimizer(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static CudaOptimizer on(Device device) {
        return new CudaOptimizer(device, KernelSource.resource("optimizer"));
    }

    @Override
    protected void computeSgdInPlace(MachineArray parameters, MachineArray gradient, double factor, Pace pace) {
        module.launch(
                "sgd",
                LaunchShape.linear(parameters.length()),
                out(parameters),
                in(gradient),
                real((float) factor),
                in(pace.numbers()),
                real((float) pace.share()),
                count(parameters.length()));
    }

    @Override
    protected void computeAdamInPlace(
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            double factor,
            Pace pace,
            Adam adam) {
        long length = parameters.length();
        module.launch(
                "adam",
                LaunchShape.linear(length),
                out(parameters),
                in(gradient),
                out(first),
                out(second),
                real((float) factor),
                in(pace.numbers()),
                real((float) pace.share()),
                real((float) adam.beta1()),
                real((float) (1 - adam.beta1())),
                real((float) adam.beta2()),
                real((float) (1 - adam.beta2())),
                real((float) adam.epsilon()),
                count(length));
    }

    @Override
    protected void computeBegin(Walk walk, int count) {
        module.launch(
                "begin_step",
                new LaunchShape(1, 1, BEGINNING_THREADS, 0),
                out(walk.counters()),
                in(walk.order()),
                count(walk.order().length()),
                out(walk.chosen()),
                integer(count),
                in(walk.paces()),
                count(walk.steps()),
                out(walk.pace()),
                in(walk.losses()),
                integer(Math.toIntExact(walk.losses().length())),
                out(walk.kept()),
                integer(walk.rows()));
    }
}
