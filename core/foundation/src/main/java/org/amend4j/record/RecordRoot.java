/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.util.ArrayDeque;
import java.util.Deque;
import org.amend4j.transparency.TreeHash;

/** The root of a Merkle tree; its leaves come one by one and are not kept (RFC 9162, section 2.1.1). */
final class RecordRoot {

    /** Roots of full subtrees, smaller and smaller: one for every bit of the number of leaves. */
    private final Deque<TreeHash> full = new ArrayDeque<>();

    private int leaves;

    void add(TreeHash leaf) {
        TreeHash hash = leaf;
        for (int bits = leaves++; (bits & 1) == 1; bits >>= 1) {
            hash = TreeHash.node(full.removeLast(), hash);
        }
        full.addLast(hash);
    }

    /** The root; nothing can be added any more. */
    TreeHash root() {
        if (full.isEmpty()) {
            return TreeHash.EMPTY;
        }
        TreeHash hash = full.removeLast();
        while (!full.isEmpty()) {
            hash = TreeHash.node(full.removeLast(), hash);
        }
        return hash;
    }
}
