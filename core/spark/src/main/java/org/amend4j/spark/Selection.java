/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockTree;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.amend4j.objective.blocks.TreeSum;
import org.amend4j.objective.blocks.TreeSum.Node;
import org.jspecify.annotations.Nullable;

/**
 * Which records of which blocks are in the sum, and in which order blocks are added up. A block that is not named has lost all of its records; one that is named with none has
 * all of them.
 */
final class Selection implements Serializable {

    private static final long serialVersionUID = 1;
    private static final long[] ALL = {};

    private final long[] numbers;
    private final Map<Long, long[]> blocks;
    private transient @Nullable BlockTree tree;

    private Selection(long[] numbers, Map<Long, long[]> blocks) {
        this.numbers = numbers;
        this.blocks = blocks;
    }

    /**
     * Some of the records.
     *
     * @param whole all blocks with all of their records
     * @param some the same blocks with some of them
     */
    static Selection of(RecordBlocks whole, RecordBlocks some) {
        Map<Long, Integer> sizes = new HashMap<>();
        whole.blocks().forEach(block -> sizes.put(block.number(), block.ids().size()));
        Map<Long, long[]> blocks = new HashMap<>();
        for (Block block : some.blocks()) {
            boolean all = block.ids().size() == sizes.getOrDefault(block.number(), 0);
            blocks.put(block.number(), all ? ALL : block.ids().stream().toArray());
        }
        return new Selection(some.blocks().stream().mapToLong(Block::number).toArray(), blocks);
    }

    /** The order in which the blocks that have records are added up. */
    synchronized BlockTree tree() {
        if (tree == null) {
            tree = BlockTree.of(numbers);
        }
        return tree;
    }

    /** The place of a block that has records, in the tree. */
    int place(long block) {
        return Arrays.binarySearch(numbers, block);
    }

    /**
     * Who adds up a task's sums: neighbours have the same.
     *
     * @param adders how many there are
     * @return from 0 to adders - 1
     */
    int adderOf(TaskResult<List<Node>> sums, int adders) {
        return sums instanceof TaskResult.Given<List<Node>> given
                        && !given.value().isEmpty()
                ? (int) ((long) given.value().get(0).from() * adders / numbers.length)
                : 0;
    }

    /** What several tasks have sent, added up as far as the tree allows; the first refusal if there is one. */
    TaskResult<List<Node>> added(Iterable<TaskResult<List<Node>>> answers) {
        TreeSum sum = new TreeSum(tree());
        for (TaskResult<List<Node>> answer : answers) {
            if (answer instanceof TaskResult.Refused<List<Node>>) {
                return answer;
            }
            answer.get().forEach(node -> sum.take(node.from(), node.to(), node.sum()));
        }
        return new TaskResult.Given<>(sum.nodes());
    }

    /** Those of some blocks that have records. */
    long[] among(long[] some) {
        return Arrays.stream(some).filter(blocks::containsKey).toArray();
    }

    /**
     * An objective on the records that a block has left.
     *
     * @param whole on all of them
     */
    RecordObjective selected(RecordObjective whole, long block) {
        long[] left = blocks.get(block);
        if (left == null) {
            throw new IllegalStateException("block " + block + " has no records");
        }
        return left.length == 0 ? whole : whole.restrictedTo(RecordIds.of(left));
    }
}
