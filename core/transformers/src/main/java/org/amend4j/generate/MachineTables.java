/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;

/** Puts rows of numbers into a machine's memory. */
final class MachineTables {

    /** Numbers on their way at a time. */
    private static final int MOST = 1 << 20;

    private MachineTables() {}

    /** Gapless [rows, width]; closed by the caller. */
    static MachineArray upload(Machine machine, String owner, Table table, int rows, int width) {
        MachineArray all = machine.allocate(owner, ElementType.FLOAT, (long) rows * width);
        int atATime = Math.max(1, MOST / width);
        float[] row = new float[width];
        for (int from = 0; from < rows; from += atATime) {
            int count = Math.min(atATime, rows - from);
            float[] some = new float[count * width];
            for (int i = 0; i < count; i++) {
                table.row(from + i, row);
                System.arraycopy(row, 0, some, i * width, width);
            }
            machine.upload(some, all.slice((long) from * width, some.length));
        }
        return all;
    }
}
