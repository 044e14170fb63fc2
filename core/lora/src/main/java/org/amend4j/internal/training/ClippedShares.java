/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.amend4j.internal.compiler.Shares;

/**
 * Who has a share of a clipped gradient, and in which blocks shares are computed. Those of few records go together: one pass makes
 * their rows, which are weighted. Those of more are made one by one, as sums that are then clipped as a whole. Shares of equally many
 * records lie side by side, otherwise they are in the order of their owners.
 */
final class ClippedShares {

    /** With so many rows to a product, a pass for one share alone costs no more for each of them than one for many shares. */
    private static final int ROWS_TOGETHER = 128;

    private final int[] order;
    /** Behind each share's last place in the order. */
    private final int[] ends;

    private final List<Block> together = new ArrayList<>();
    private final List<Block> alone = new ArrayList<>();

    /**
     * @param most records of a share that goes together with others
     * @param chunk the most examples of a block
     */
    private ClippedShares(int[] order, int[] ends, int most, int chunk) {
        this.order = order;
        this.ends = ends;
        int share = 0;
        while (share < ends.length && size(share) <= most) {
            share = addTogether(share, chunk, most);
        }
        for (; share < ends.length; share++) {
            for (int from = start(share); from < ends[share]; from += chunk) {
                alone.add(new Block(from, Math.min(from + chunk, ends[share]), share, List.of()));
            }
        }
    }

    /**
     * Every record's.
     *
     * @param together whether shares may go together
     */
    static ClippedShares ofRecords(int[] order, boolean together, int chunk) {
        int[] ends = IntStream.rangeClosed(1, order.length).toArray();
        return new ClippedShares(order, ends, together ? 1 : 0, chunk);
    }

    /**
     * Everybody's who owns records.
     *
     * @param byOwner places in the data, one owner's behind those of another
     * @param owner of the record at a place of the data
     * @param rows the most that a record has in what trains; 0 if shares cannot go together
     */
    static ClippedShares ofOwners(int[] byOwner, IntToLongFunction owner, int rows, int chunk) {
        int most = rows == 0 ? 0 : Math.max(1, Math.min(chunk, ROWS_TOGETHER / rows));
        List<int[]> shares = new ArrayList<>(ofEach(byOwner, owner));
        shares.sort(Comparator.comparingInt(share -> Math.min(share.length, most + 1)));
        int[] ends = shares.stream().mapToInt(share -> share.length).toArray();
        Arrays.parallelPrefix(ends, Integer::sum);
        return new ClippedShares(shares.stream().flatMapToInt(Arrays::stream).toArray(), ends, most, chunk);
    }

    private static List<int[]> ofEach(int[] sorted, IntToLongFunction owner) {
        List<int[]> result = new ArrayList<>();
        int from = 0;
        for (int k = 1; k <= sorted.length; k++) {
            if (k == sorted.length || owner.applyAsLong(sorted[k]) != owner.applyAsLong(sorted[from])) {
                result.add(Arrays.copyOfRange(sorted, from, k));
                from = k;
            }
        }
        return result;
    }

    /** Adds a block of whole shares and returns the share behind it. */
    private int addTogether(int first, int chunk, int most) {
        List<Shares.Group> groups = new ArrayList<>();
        int room = chunk;
        int share = first;
        while (share < ends.length && size(share) <= Math.min(most, room)) {
            int size = size(share);
            int count = 1;
            while (count < room / size && share + count < ends.length && size(share + count) == size) {
                count++;
            }
            groups.add(new Shares.Group(count, size));
            room -= count * size;
            share += count;
        }
        together.add(new Block(start(first), ends[share - 1], first, groups));
        return share;
    }

    private int start(int share) {
        return share == 0 ? 0 : ends[share - 1];
    }

    private int size(int share) {
        return ends[share] - start(share);
    }

    /** How many. */
    int count() {
        return ends.length;
    }

    /** The place in the data of a share's first record. */
    int record(int share) {
        return order[start(share)];
    }

    /** Places in the data: one share's records behind those of another. */
    int[] order() {
        return order.clone();
    }

    /** Blocks of whole shares, each clipped there. */
    List<Block> together() {
        return together;
    }

    /** Blocks of one share each, and of each share as many as it takes. */
    List<Block> alone() {
        return alone;
    }

    /** Whether a block is the last of its share. */
    boolean isLast(Block block) {
        return block.to() == ends[block.share()];
    }
}
