/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/**
 * The order in which blocks are added up: the binary tree over all block numbers, in which 2j and 2j + 1 are siblings, so are their parents
 * with numbers 2i and 2i + 1, and so on. A node's sum is that of its two children, the left one first; a child without blocks is left out.
 * So a block's neighbours in the tree depend on its number alone, not on which other blocks there are, and whoever has all blocks of a node
 * can send its sum instead of theirs.
 *
 * <p>Blocks are named by their places, 0 for the one with the lowest number. The blocks of a node follow one another: a node is a range
 * of places.
 */
public final class BlockTree {

    /** Above that of any two blocks. */
    private static final int ABOVE_ALL = Long.SIZE + 1;

    /** The height at which place k and the one before meet, [blocks + 1]; the two ends meet no place. */
    private final int[] heights;

    private BlockTree(int[] heights) {
        this.heights = heights;
    }

    /**
     * Over some blocks.
     *
     * @param numbers ascending
     */
    public static BlockTree of(long... numbers) {
        int[] heights = new int[numbers.length + 1];
        for (int place = 1; place < numbers.length; place++) {
            if (numbers[place] <= numbers[place - 1]) {
                throw new IllegalArgumentException(
                        "numbers of blocks must ascend, got " + numbers[place] + " after " + numbers[place - 1]);
            }
            heights[place] = Long.SIZE - Long.numberOfLeadingZeros(numbers[place] ^ numbers[place - 1]);
        }
        heights[0] = ABOVE_ALL;
        heights[numbers.length] = ABOVE_ALL;
        return new BlockTree(heights);
    }

    /** The number of blocks. */
    public int size() {
        return heights.length - 1;
    }

    /**
     * Whether two ranges of places that follow one another, each a node, are the children of one.
     *
     * @param from of the left one
     * @param middle where it ends and the right one begins
     * @param to where that ends, exclusive
     */
    boolean areSiblings(int from, int middle, int to) {
        return heights[middle] < heights[from] && heights[middle] < heights[to];
    }

    /** Whether a range of places is a node. */
    boolean isNode(int from, int to) {
        if (from < 0 || to > size() || from >= to) {
            return false;
        }
        int inside = Arrays.stream(heights, from + 1, to).max().orElse(0);
        return inside < Math.min(heights[from], heights[to]);
    }

    /**
     * Divides the blocks into parts of about the same size, cut where nodes end, so that a part is few nodes. How blocks are divided
     * changes no sum.
     *
     * @param parts at least 1; as many as there are blocks if that is less
     * @return where parts begin, ascending from 0, and the number of blocks at last
     */
    public int[] divided(int parts) {
        int count = Math.min(Checks.atLeast(1, "the number of parts", parts), size());
        int[] cuts = new int[count + 1];
        for (int part = 1; part <= count; part++) {
            int even = Math.toIntExact((long) size() * part / count);
            // at most a quarter of a part away, so that two cuts stay apart
            cuts[part] = part == count ? even : highest(even, size() / (4 * count));
        }
        return cuts;
    }

    /** The place near another that meets the one before it highest. */
    private int highest(int place, int reach) {
        int best = place;
        for (int k = place - reach; k <= place + reach; k++) {
            best = heights[k] > heights[best] ? k : best;
        }
        return best;
    }
}
