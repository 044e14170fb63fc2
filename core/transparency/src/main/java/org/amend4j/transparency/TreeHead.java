/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.util.Objects;

/**
 * The state of a log at some size. With a kept head, any later change or removal of an entry up to that size can be detected.
 *
 * @param size number of entries
 * @param root of the Merkle tree over them
 */
public record TreeHead(int size, TreeHash root) {

    /** @throws IllegalArgumentException if the size is negative, or the root of no entries is another than theirs */
    public TreeHead {
        Objects.requireNonNull(root, "root");
        if (size < 0) {
            throw new IllegalArgumentException("the size of a tree must be >= 0, got " + size);
        }
        if (size == 0 && !root.equals(TreeHash.EMPTY)) {
            throw new IllegalArgumentException("the root of a tree without entries must be " + TreeHash.EMPTY);
        }
    }
}
