/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.network.Network;

/**
 * How many examples a block of a sum has, if nobody sets that: as many as there is memory for, in blocks of equal size whose number suits
 * two and four threads. It does not depend on the number of threads, so that no number of them changes a bit.
 */
final class BlockSize {

    /** What the intermediate values of a block may take if one block is computed at a time. */
    private static final long LONE_BYTES = 256L << 20;
    /** The same where blocks are computed side by side, each in the cache of a core. */
    private static final long SHARED_BYTES = 8L << 20;
    /** The same where Deeplearning4j computes something, with memory of its own. */
    private static final long OPAQUE_BYTES = 64L << 20;
    /** Rows below which a product with a large matrix is mostly the reading of that. */
    private static final int FEW_ROWS = 128;
    /** Blocks that two threads share evenly, and four. */
    private static final int EVEN = 4;

    private BlockSize() {}

    static int of(Network network, Machine machine, int records) {
        int most = most(network, machine);
        boolean shared = network.opaque().isEmpty() && machine.computesSideBySide();
        return shared ? even(records, most) : Math.max(1, Math.min(records, most));
    }

    /** As many as there is memory for, however many records there are. */
    static int most(Network network, Machine machine) {
        Plan plan = Plan.of(network, Variant.GRADIENT);
        long each = Math.max(1, plan.workingBytes(64) / 64);
        if (!network.opaque().isEmpty()) {
            return (int) (OPAQUE_BYTES / each);
        }
        if (!machine.computesSideBySide()) {
            return (int) (LONE_BYTES / each);
        }
        long enoughRows = (long) Math.ceil(FEW_ROWS / plan.rowsOfProducts());
        return (int) Math.max(SHARED_BYTES / each, enoughRows);
    }

    /** Blocks of equal size, of at most so many records. */
    static int even(int records, int most) {
        int blocks = ceilDiv(records, Math.max(1, most));
        if (blocks > 2) {
            blocks = EVEN * ceilDiv(blocks, EVEN);
        }
        return ceilDiv(records, blocks);
    }

    private static int ceilDiv(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }
}
