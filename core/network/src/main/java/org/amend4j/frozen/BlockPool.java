/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.ArrayList;
import java.util.List;

/** The blocks of one program: taken for a value, given back after its last use, kept for the next call. */
final class BlockPool {

    private final List<HostBlock> free = new ArrayList<>();
    private long largest;

    /** The smallest free block that is large enough, or a new one. */
    HostBlock take(long floats) {
        largest = Math.max(largest, floats);
        int best = -1;
        for (int i = 0; i < free.size(); i++) {
            long capacity = free.get(i).capacity();
            if (capacity >= floats && (best < 0 || capacity < free.get(best).capacity())) {
                best = i;
            }
        }
        return best < 0 ? HostBlock.of(floats) : free.remove(best);
    }

    void giveBack(HostBlock block) {
        free.add(block);
    }

    /** The largest number of floats asked for since {@link #clear()}. */
    long largest() {
        return largest;
    }

    /** Forgets every free block. */
    void clear() {
        free.clear();
        largest = 0;
    }
}
