/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.amend4j.machine.MachineArray;
import org.amend4j.machine.OptimizerKernels;

/** Steps of optimizers on the host; long vectors are divided among its threads, which changes no bit. */
final class HostOptimizer extends OptimizerKernels {

    private final HostMachine machine;

    HostOptimizer(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeSgdInPlace(MachineArray parameters, MachineArray gradient, double factor, double rate) {
        sgd(Lanes.of(parameters.type()), parameters, gradient, factor, rate);
    }

    private <A> void sgd(Lanes<A> lanes, MachineArray parameters, MachineArray gradient, double factor, double rate) {
        long theta = machine.address(lanes, parameters);
        long slope = machine.address(lanes, gradient);
        LongVectors.divided(machine, parameters.length(), (from, to) -> {
            A p = lanes.scratch(0, Lanes.PIECE);
            A g = lanes.scratch(1, Lanes.PIECE);
            for (long done = from; done < to; done += Lanes.PIECE) {
                int n = (int) Math.min(Lanes.PIECE, to - done);
                long at = done * lanes.bytes();
                lanes.load(theta + at, p, n);
                lanes.load(slope + at, g, n);
                lanes.descend(p, g, factor, rate, n);
                lanes.store(p, theta + at, n);
            }
        });
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
        Lanes.AdamStep numbers =
                new Lanes.AdamStep(factor, corrected(rate, adam, step), adam.beta1(), adam.beta2(), adam.epsilon());
        adam(Lanes.of(parameters.type()), parameters, gradient, first, second, numbers);
    }

    private <A> void adam(
            Lanes<A> lanes,
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            Lanes.AdamStep step) {
        long theta = machine.address(lanes, parameters);
        long slope = machine.address(lanes, gradient);
        long means = machine.address(lanes, first);
        long squares = machine.address(lanes, second);
        LongVectors.divided(machine, parameters.length(), (from, to) -> {
            A p = lanes.scratch(0, Lanes.PIECE);
            A g = lanes.scratch(1, Lanes.PIECE);
            A m = lanes.scratch(2, Lanes.PIECE);
            A v = lanes.scratch(3, Lanes.PIECE);
            for (long done = from; done < to; done += Lanes.PIECE) {
                int n = (int) Math.min(Lanes.PIECE, to - done);
                long at = done * lanes.bytes();
                lanes.load(theta + at, p, n);
                lanes.load(slope + at, g, n);
                lanes.load(means + at, m, n);
                lanes.load(squares + at, v, n);
                lanes.adam(p, g, m, v, step, n);
                lanes.store(p, theta + at, n);
                lanes.store(m, means + at, n);
                lanes.store(v, squares + at, n);
            }
        });
    }
}
