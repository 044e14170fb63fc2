/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/** Elementwise work on vectors, long ones divided among the threads of a machine, which changes no bit. */
final class LongVectors {

    /** Numbers that are worth waking a thread for. */
    private static final long WORTHWHILE = 1 << 17;

    private LongVectors() {}

    /** Work on the elements from one to before another. */
    interface Part {
        void compute(long from, long to);
    }

    static void divided(HostMachine machine, long length, Part part) {
        int shares = (int) Math.max(1, Math.min(machine.width(), length / WORTHWHILE));
        long each = (length + shares - 1) / shares;
        machine.sideBySide(
                shares,
                share -> machine.perform(() -> part.compute(share * each, Math.min(length, (share + 1) * each))));
    }
}
