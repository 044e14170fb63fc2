/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.AccumulationKernels;
import org.amend4j.internal.backend.MachineArray;

/** Sums of many arrays on the host, long ones by all threads, which changes no bit. */
final class HostAccumulation extends AccumulationKernels {

    private final HostMachine machine;

    HostAccumulation(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeAddTo(MachineArray from, double factor, MachineArray high, MachineArray low) {
        addTo(VectorLoops.of(from.type()), from, factor, high, low);
    }

    private <A> void addTo(
            VectorLoops<A> lanes, MachineArray from, double factor, MachineArray high, MachineArray low) {
        long source = machine.address(lanes, from);
        long sums = machine.address(lanes, high);
        long rests = machine.address(lanes, low);
        LongVectors.divided(machine, from.length(), (begin, end) -> {
            A x = lanes.scratch(0, VectorLoops.PIECE);
            A h = lanes.scratch(1, VectorLoops.PIECE);
            A l = lanes.scratch(2, VectorLoops.PIECE);
            for (long done = begin; done < end; done += VectorLoops.PIECE) {
                int n = (int) Math.min(VectorLoops.PIECE, end - done);
                long at = done * lanes.bytes();
                lanes.load(source + at, x, n);
                lanes.load(sums + at, h, n);
                lanes.load(rests + at, l, n);
                lanes.accumulate(x, factor, h, l, n);
                lanes.store(h, sums + at, n);
                lanes.store(l, rests + at, n);
            }
        });
    }
}
