/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Checks proofs given roots only, without the trees (RFC 9162, sections 2.1.3.2 and 2.1.4.2). */
public final class MerkleProofs {

    private MerkleProofs() {}

    /**
     * Whether an entry is in a tree.
     *
     * @param index of the entry
     * @param size of the tree
     */
    public static boolean includes(TreeHash leaf, long index, long size, List<TreeHash> path, TreeHash root) {
        if (index < 0 || index >= size) {
            return false;
        }
        long node = index;
        long last = size - 1;
        TreeHash hash = leaf;
        for (TreeHash sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = TreeHash.node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = TreeHash.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /**
     * Whether a tree is the beginning of another.
     *
     * @param first size of the earlier one, at least 1
     * @param second size of the later one
     */
    public static boolean consistent(
            long first, TreeHash firstRoot, long second, TreeHash secondRoot, List<TreeHash> proof) {
        if (first < 1 || first > second) {
            return false;
        }
        if (first == second) {
            return proof.isEmpty() && firstRoot.equals(secondRoot);
        }
        try {
            return follows(first, firstRoot, second, secondRoot, proof.iterator());
        } catch (NoSuchElementException tooShort) {
            return false;
        }
    }

    private static boolean follows(
            long first, TreeHash firstRoot, long second, TreeHash secondRoot, Iterator<TreeHash> proof) {
        long node = first - 1;
        long last = second - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        // a full tree is a node of the later one, and its own proof
        TreeHash earlier = node == 0 ? firstRoot : proof.next();
        TreeHash later = earlier;
        while (proof.hasNext()) {
            TreeHash sibling = proof.next();
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                earlier = TreeHash.node(sibling, earlier);
                later = TreeHash.node(sibling, later);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                later = TreeHash.node(later, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && earlier.equals(firstRoot) && later.equals(secondRoot);
    }
}
