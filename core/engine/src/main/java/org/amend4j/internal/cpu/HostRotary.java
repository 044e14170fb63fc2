/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RotaryKernels;

/** Rotary positions on the host: one row at a time. */
final class HostRotary extends RotaryKernels {

    private final HostMachine machine;

    HostRotary(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeTurn(MatrixView x, MachineArray positions, Angles angles, MatrixView y, boolean back) {
        turn(VectorLoops.of(x.array().type()), x, positions, angles, y, back);
    }

    private <A> void turn(
            VectorLoops<A> lanes, MatrixView x, MachineArray positions, Angles angles, MatrixView y, boolean back) {
        HostRows from = HostRows.of(machine, lanes, x);
        HostRows to = HostRows.of(machine, lanes, y);
        HostRows cosines = HostRows.of(machine, lanes, angles.cosines());
        HostRows sines = HostRows.of(machine, lanes, angles.sines());
        long places = machine.address(positions);
        int known = angles.cosines().rows();
        int half = angles.cosines().columns();
        int rows = x.rows();
        int heads = x.columns() / (2 * half);
        machine.perform(() -> {
            int[] ofRows = RawMemory.ints(places, rows);
            A cos = lanes.scratch(0, half);
            A sin = lanes.scratch(1, half);
            A first = lanes.scratch(2, half);
            A second = lanes.scratch(3, half);
            for (int row = 0; row < rows; row++) {
                if (ofRows[row] >= 0 && ofRows[row] < known) {
                    cosines.load(lanes, ofRows[row], 1, half, cos);
                    sines.load(lanes, ofRows[row], 1, half, sin);
                } else {
                    lanes.fill(cos, 0, half, Double.NaN);
                }
                if (back) {
                    lanes.scale(sin, -1, half);
                }
                for (int head = 0; head < heads; head++) {
                    int column = head * 2 * half;
                    lanes.load(from.at(lanes, row, column), first, half);
                    lanes.load(from.at(lanes, row, column + half), second, half);
                    lanes.rotate(first, second, cos, sin, half);
                    lanes.store(first, to.at(lanes, row, column), half);
                    lanes.store(second, to.at(lanes, row, column + half), half);
                }
            }
        });
    }
}
