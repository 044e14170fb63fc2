/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The Merkle tree of an append-only log (RFC 9162, section 2.1): the root of every size it ever had, proofs that an entry is in it
 * and that a later tree contains an earlier one. All full subtrees are kept, two hashes per entry: adding takes amortised O(1)
 * hashes, roots and proofs O(log n). Not thread-safe.
 */
public final class MerkleTree {

    /** Level l holds the hashes of the full subtrees of 2^l leaves, in order. */
    private final List<List<TreeHash>> levels = new ArrayList<>();

    private int size;

    /** The tree of some leaves. */
    public static MerkleTree of(Collection<TreeHash> leaves) {
        MerkleTree tree = new MerkleTree();
        leaves.forEach(tree::append);
        return tree;
    }

    /** Adds an entry's {@linkplain TreeHash#leaf leaf} at the end. */
    public void append(TreeHash leaf) {
        TreeHash hash = leaf;
        int level = 0;
        for (int left = size++; ; left >>= 1, level++) {
            if (level == levels.size()) {
                levels.add(new ArrayList<>());
            }
            List<TreeHash> row = levels.get(level);
            row.add(hash);
            if ((left & 1) == 0) {
                return;
            }
            hash = TreeHash.node(row.get(row.size() - 2), hash);
        }
    }

    /** Number of entries. */
    public int size() {
        return size;
    }

    /** The leaf of an entry. */
    public TreeHash leaf(int index) {
        return levels.get(0).get(index);
    }

    /** The root of all entries: MTH(D[n]). */
    public TreeHash root() {
        return root(size);
    }

    /**
     * The root of the first entries.
     *
     * @param first how many, in [0, size]
     */
    public TreeHash root(int first) {
        requireSize(first);
        return first == 0 ? TreeHash.EMPTY : hash(0, first);
    }

    /**
     * The audit path of an entry, from the leaf to the root: PATH(m, D[n]).
     *
     * @param index m, in [0, of)
     * @param of n, the size of the tree it is about, at most the present one
     */
    public List<TreeHash> inclusionProof(int index, int of) {
        requireSize(of);
        if (index < 0 || index >= of) {
            throw new IllegalArgumentException("an entry must be in [0, " + of + "), got " + index);
        }
        List<TreeHash> path = new ArrayList<>();
        path(index, 0, of, path);
        return path;
    }

    private void path(int index, int from, int to, List<TreeHash> path) {
        if (to - from == 1) {
            return;
        }
        int middle = from + split(to - from);
        if (index < middle) {
            path(index, from, middle, path);
            path.add(hash(middle, to));
        } else {
            path(index, middle, to, path);
            path.add(hash(from, middle));
        }
    }

    /**
     * Shows that a tree is the beginning of a later one: PROOF(m, D[n]).
     *
     * @param first m, in [1, second]
     * @param second n, at most the present size
     */
    public List<TreeHash> consistencyProof(int first, int second) {
        requireSize(second);
        if (first < 1 || first > second) {
            throw new IllegalArgumentException("the earlier size must be in [1, " + second + "], got " + first);
        }
        List<TreeHash> proof = new ArrayList<>();
        subproof(first, 0, second, true, proof);
        return proof;
    }

    private void subproof(int first, int from, int to, boolean whole, List<TreeHash> proof) {
        if (first == to) {
            if (!whole) {
                proof.add(hash(from, to));
            }
            return;
        }
        int middle = from + split(to - from);
        if (first <= middle) {
            subproof(first, from, middle, whole, proof);
            proof.add(hash(middle, to));
        } else {
            subproof(first, middle, to, false, proof);
            proof.add(hash(from, middle));
        }
    }

    /** Of the entries in [from, to); {@code from} is a multiple of a power of two that is at least their number. */
    private TreeHash hash(int from, int to) {
        int count = to - from;
        if (Integer.bitCount(count) == 1) {
            int level = Integer.numberOfTrailingZeros(count);
            return levels.get(level).get(from >> level);
        }
        int middle = from + split(count);
        return TreeHash.node(hash(from, middle), hash(middle, to));
    }

    /** The largest power of two below a number of at least 2. */
    private static int split(int count) {
        return Integer.highestOneBit(count - 1);
    }

    private void requireSize(int asked) {
        if (asked < 0 || asked > size) {
            throw new IllegalArgumentException("the size of a tree must be in [0, " + size + "], got " + asked);
        }
    }
}
