/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;

/** Dropout on the host, a row at a time. */
final class HostDropout extends DropoutKernels {

    private final HostMachine machine;

    HostDropout(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeSetKey(MachineArray key, int lower, int upper) {
        long address = machine.address(key);
        int[] words = {lower, upper};
        machine.perform(() -> RawMemory.write(words, RawMemory.INTS, address, (long) KEY_LENGTH * Integer.BYTES));
    }

    @Override
    protected void computeDrop(MatrixView x, Mask mask, MatrixView to, boolean add) {
        drop(VectorLoops.of(x.array().type()), x, mask, to, add);
    }

    private <A> void drop(VectorLoops<A> lanes, MatrixView x, Mask mask, MatrixView to, boolean add) {
        HostRows source = HostRows.of(machine, lanes, x);
        HostRows target = HostRows.of(machine, lanes, to);
        long key = machine.address(mask.key());
        int rows = x.rows();
        int columns = x.columns();
        machine.perform(() -> {
            DropoutMask masks = DropoutMask.of(key(key), mask.stream(), mask.threshold());
            int piece = Math.min(columns, VectorLoops.PIECE);
            A values = lanes.scratch(0, piece);
            A sums = lanes.scratch(1, piece);
            for (int row = 0; row < rows; row++) {
                masks.beginRow(mask.firstRow() + row);
                for (int column = 0; column < columns; column += VectorLoops.PIECE) {
                    int n = Math.min(VectorLoops.PIECE, columns - column);
                    lanes.load(source.at(lanes, row, column), values, n);
                    lanes.scale(values, mask.factor(), n);
                    lanes.keep(values, masks.kept(column, n), n);
                    if (add) {
                        lanes.load(target.at(lanes, row, column), sums, n);
                        lanes.add(values, sums, n);
                    }
                    lanes.store(values, target.at(lanes, row, column), n);
                }
            }
        });
    }

    private static long key(long address) {
        int[] words = new int[KEY_LENGTH];
        RawMemory.read(address, words, RawMemory.INTS, (long) KEY_LENGTH * Integer.BYTES);
        return (words[0] & 0xFFFFFFFFL) | (long) words[1] << 32;
    }
}
