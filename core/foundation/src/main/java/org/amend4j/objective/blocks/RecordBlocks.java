/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.objective.RecordIds;

/**
 * A set of records in blocks, by a {@link BlockRule}. Blocks without records are not listed: they would add zero. What identifies it is
 * how records are assigned, not which ones there are.
 */
public final class RecordBlocks implements Identified {

    /** What a rule is applied to. */
    public enum AssignedBy {
        /** A record's id. */
        RECORD,
        /** The subject's, so that all records of a subject are in one block: where they are clipped together. */
        SUBJECT
    }

    /**
     * Some records of one block.
     *
     * @param number by the rule
     * @param ids at least one
     */
    public record Block(long number, RecordIds ids) {

        /** @throws IllegalArgumentException if there are no ids */
        public Block {
            if (ids.isEmpty()) {
                throw new IllegalArgumentException("a block must have records, got none (block " + number + ")");
            }
        }
    }

    private final BlockRule rule;
    private final AssignedBy key;
    private final List<Block> blocks;

    private RecordBlocks(BlockRule rule, AssignedBy key, List<Block> blocks) {
        this.rule = rule;
        this.key = key;
        this.blocks = blocks;
    }

    /** Records in blocks by their ids. */
    public static RecordBlocks byId(BlockRule rule, RecordIds ids) {
        return of(rule, AssignedBy.RECORD, ids, id -> id);
    }

    /**
     * Records in blocks by their subjects.
     *
     * @param subject of a record's id
     */
    public static RecordBlocks bySubject(BlockRule rule, RecordIds ids, LongUnaryOperator subject) {
        return of(rule, AssignedBy.SUBJECT, ids, subject);
    }

    private static RecordBlocks of(BlockRule rule, AssignedBy key, RecordIds ids, LongUnaryOperator keyOf) {
        Map<Long, LongStream.Builder> members = new TreeMap<>();
        ids.stream()
                .forEach(id -> members.computeIfAbsent(
                                rule.blockOf(keyOf.applyAsLong(id)), number -> LongStream.builder())
                        .add(id));
        List<Block> blocks = new ArrayList<>();
        members.forEach((number, some) ->
                blocks.add(new Block(number, RecordIds.of(some.build().toArray()))));
        return new RecordBlocks(rule, key, List.copyOf(blocks));
    }

    /**
     * The same blocks with some of their records only.
     *
     * @throws IllegalArgumentException if the subset holds ids that are not here
     */
    public RecordBlocks restrictedTo(RecordIds subset) {
        List<Block> some = new ArrayList<>();
        int found = 0;
        for (Block block : blocks) {
            long[] left = block.ids().stream().filter(subset::contains).toArray();
            found += left.length;
            if (left.length == block.ids().size()) {
                some.add(block);
            } else if (left.length > 0) {
                some.add(new Block(block.number(), RecordIds.of(left)));
            }
        }
        if (found < subset.size()) {
            records().requireAll(subset);
        }
        return new RecordBlocks(rule, key, List.copyOf(some));
    }

    /** The blocks that have records, by ascending number. */
    public List<Block> blocks() {
        return blocks;
    }

    /** The order in which they are added up. */
    public BlockTree tree() {
        return BlockTree.of(blocks.stream().mapToLong(Block::number).toArray());
    }

    /** How records are assigned. */
    public BlockRule rule() {
        return rule;
    }

    /** What the rule is applied to. */
    public AssignedBy key() {
        return key;
    }

    /** All records. */
    public RecordIds records() {
        return RecordIds.union(blocks.stream().map(Block::ids).toList());
    }

    @Override
    public Facts facts() {
        return Facts.of("RecordBlocks").with("rule", rule).with("key", key);
    }

    @Override
    public String toString() {
        return "RecordBlocks[" + blocks.size() + " blocks, " + rule + " of " + key + "]";
    }
}
