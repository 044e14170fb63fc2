/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerKernels;

/** Steps of optimizers on the host; long vectors are divided among its threads, which changes no bit. */
final class HostOptimizer extends OptimizerKernels {

    private final HostMachine machine;

    HostOptimizer(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeSgdInPlace(MachineArray parameters, MachineArray gradient, double factor, Pace pace) {
        sgd(VectorLoops.of(parameters.type()), parameters, gradient, factor, pace);
    }

    private <A> void sgd(
            VectorLoops<A> lanes, MachineArray parameters, MachineArray gradient, double factor, Pace pace) {
        DoubleSupplier rate = rate(lanes, pace);
        long theta = machine.address(lanes, parameters);
        long slope = machine.address(lanes, gradient);
        LongVectors.divided(machine, parameters.length(), (from, to) -> {
            A p = lanes.scratch(0, VectorLoops.PIECE);
            A g = lanes.scratch(1, VectorLoops.PIECE);
            double now = rate.getAsDouble();
            for (long done = from; done < to; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, to - done);
                long at = done * lanes.bytes();
                lanes.load(theta + at, p, n);
                lanes.load(slope + at, g, n);
                lanes.descend(p, g, factor, now, n);
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
            Pace pace,
            Adam adam) {
        VectorLoops<?> lanes = VectorLoops.of(parameters.type());
        DoubleSupplier rate = rate(lanes, pace);
        DoubleSupplier ofEpsilon = number(lanes, pace, 1);
        adam(
                lanes,
                parameters,
                gradient,
                first,
                second,
                () -> new VectorLoops.AdamStep(
                        factor,
                        rate.getAsDouble(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.epsilon() * ofEpsilon.getAsDouble()));
    }

    /** How far a step goes, to be asked when it is made. */
    private DoubleSupplier rate(VectorLoops<?> lanes, Pace pace) {
        DoubleSupplier rate = number(lanes, pace, 0);
        return () -> pace.share() * rate.getAsDouble();
    }

    private <A> DoubleSupplier number(VectorLoops<A> lanes, Pace pace, int index) {
        long address = machine.address(lanes, pace.numbers());
        return () -> lanes.get(address, index, lanes.scratch(4, 1));
    }

    private <A> void adam(
            VectorLoops<A> lanes,
            MachineArray parameters,
            MachineArray gradient,
            MachineArray first,
            MachineArray second,
            Supplier<VectorLoops.AdamStep> step) {
        long theta = machine.address(lanes, parameters);
        long slope = machine.address(lanes, gradient);
        long means = machine.address(lanes, first);
        long squares = machine.address(lanes, second);
        LongVectors.divided(machine, parameters.length(), (from, to) -> {
            A p = lanes.scratch(0, VectorLoops.PIECE);
            A g = lanes.scratch(1, VectorLoops.PIECE);
            A m = lanes.scratch(2, VectorLoops.PIECE);
            A v = lanes.scratch(3, VectorLoops.PIECE);
            VectorLoops.AdamStep now = step.get();
            for (long done = from; done < to; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, to - done);
                long at = done * lanes.bytes();
                lanes.load(theta + at, p, n);
                lanes.load(slope + at, g, n);
                lanes.load(means + at, m, n);
                lanes.load(squares + at, v, n);
                lanes.adam(p, g, m, v, now, n);
                lanes.store(p, theta + at, n);
                lanes.store(m, means + at, n);
                lanes.store(v, squares + at, n);
            }
        });
    }

    @Override
    protected void computeBegin(Walk walk, int count) {
        begin(VectorLoops.of(walk.losses().type()), walk, count);
    }

    private <A> void begin(VectorLoops<A> lanes, Walk walk, int count) {
        long countersAt = machine.address(walk.counters());
        long orderAt = machine.address(walk.order());
        long chosenAt = machine.address(walk.chosen());
        long pacesAt = machine.address(lanes, walk.paces());
        long paceAt = machine.address(lanes, walk.pace());
        long lossesAt = machine.address(lanes, walk.losses());
        long keptAt = machine.address(lanes, walk.kept());
        long row = walk.losses().length() * lanes.bytes();
        machine.perform(() -> {
            int[] counters = RawMemory.ints(countersAt, Walk.COUNTERS);
            RawMemory.copy(lossesAt, keptAt + (counters[2] + walk.rows() - 1) % walk.rows() * row, row);
            int[] chosen = new int[count];
            Arrays.fill(chosen, -1);
            int known = (int) Math.max(0, Math.min(count, walk.order().length() - counters[0]));
            RawMemory.read(
                    orderAt + (long) counters[0] * Integer.BYTES, chosen, RawMemory.INTS, (long) known * Integer.BYTES);
            writeInts(chosen, chosenAt);
            A place = lanes.scratch(0, 1);
            boolean hasPace = counters[1] < walk.steps();
            for (int k = 0; k < Pace.NUMBERS; k++) {
                double number = hasPace ? lanes.get(pacesAt, counters[1] * Pace.NUMBERS + k, place) : Double.NaN;
                lanes.put(number, paceAt, k, place);
            }
            int next = counters[0] + count;
            writeInts(
                    new int[] {next == counters[3] ? 0 : next, counters[1] + 1, (counters[2] + 1) % walk.rows()},
                    countersAt);
        });
    }

    private static void writeInts(int[] values, long to) {
        RawMemory.write(values, RawMemory.INTS, to, (long) values.length * Integer.BYTES);
    }
}
