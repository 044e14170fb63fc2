/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

/** In which order the blocks of a grid, and the threads of a block between two barriers, are run. */
enum ThreadOrder {
    ASCENDING(0),
    DESCENDING(1),
    /** By a fixed pseudo-random sequence. */
    SHUFFLED(2);

    private final int code;

    ThreadOrder(int code) {
        this.code = code;
    }

    /** As emulation.h has it. */
    int code() {
        return code;
    }
}
