/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.BatchNormKernels;
import org.amend4j.internal.backend.MachineArray;

/** y = factor·x + shift per channel on the host. */
final class HostBatchNorm extends BatchNormKernels {

    private final HostMachine machine;

    HostBatchNorm(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeApply(
            MachineArray x, MachineArray factor, Optional<MachineArray> shift, MachineArray y, long inner) {
        apply(VectorLoops.of(x.type()), x, factor, shift, y, inner);
    }

    /** Rows of channels, each repeated {@code inner} times. */
    private <A> void apply(
            VectorLoops<A> lanes,
            MachineArray x,
            MachineArray factor,
            Optional<MachineArray> shift,
            MachineArray y,
            long inner) {
        long source = machine.address(lanes, x);
        long target = machine.address(lanes, y);
        long factors = machine.address(lanes, factor);
        long shifts = shift.map(array -> machine.address(lanes, array)).orElse(0L);
        int channels = (int) factor.length();
        int columns = Math.toIntExact(channels * inner);
        int rows = Math.toIntExact(x.length() / columns);
        machine.perform(() -> {
            int some = VectorLoops.rowsInHand(columns);
            A values = lanes.scratch(0, some * columns);
            A times = lanes.scratch(1, some * columns);
            A plus = lanes.scratch(2, some * columns);
            A vector = lanes.scratch(3, channels);
            spread(lanes, factors, vector, times, channels, (int) inner, some);
            if (shifts != 0) {
                spread(lanes, shifts, vector, plus, channels, (int) inner, some);
            }
            for (int row = 0; row < rows; row += some) {
                int n = Math.min(some, rows - row) * columns;
                long at = (long) row * columns * lanes.bytes();
                lanes.load(source + at, values, n);
                lanes.multiply(values, times, n);
                if (shifts != 0) {
                    lanes.add(values, plus, n);
                }
                lanes.store(values, target + at, n);
            }
        });
    }

    private static <A> void spread(VectorLoops<A> lanes, long from, A vector, A to, int channels, int inner, int rows) {
        lanes.load(from, vector, channels);
        int columns = channels * inner;
        for (int c = 0; c < channels; c++) {
            lanes.fill(to, c * inner, (c + 1) * inner, lanes.get(vector, c));
        }
        for (int row = 1; row < rows; row++) {
            lanes.copy(to, 0, to, row * columns, columns);
        }
    }
}
