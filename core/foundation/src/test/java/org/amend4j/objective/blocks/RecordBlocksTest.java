/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordBlocksTest {

    static Stream<BlockRule> rules() {
        return Stream.of(new BlockRule.Ranges(1), new BlockRule.Ranges(7), new BlockRule.Hashed(5));
    }

    private static RecordIds some(long seed) {
        return RecordIds.of(new Random(seed).longs(60, -200, 200).distinct().toArray());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_record_stays_in_its_block_whatever_other_records_there_are(BlockRule rule) {
        RecordIds ids = some(1);
        RecordBlocks all = RecordBlocks.byId(rule, ids);
        assertEquals(ids, all.records());
        RecordIds left = RecordIds.of(ids.stream().filter(id -> id % 3 != 0).toArray());
        for (RecordBlocks blocks : List.of(all, all.restrictedTo(left), RecordBlocks.byId(rule, left))) {
            for (Block block : blocks.blocks()) {
                block.ids().stream().forEach(id -> assertEquals(rule.blockOf(id), block.number()));
            }
        }
        assertEquals(
                RecordBlocks.byId(rule, left).blocks(), all.restrictedTo(left).blocks());
        assertEquals(all.facts().text(), all.restrictedTo(left).facts().text());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void blocks_ascend_and_none_is_empty(BlockRule rule) {
        List<Block> blocks = RecordBlocks.byId(rule, some(2)).blocks();
        long[] numbers = blocks.stream().mapToLong(Block::number).toArray();
        assertEquals(
                List.of(LongStream.of(numbers).sorted().distinct().boxed().toArray()),
                List.of(LongStream.of(numbers).boxed().toArray()));
        Block first = blocks.get(0);
        RecordBlocks emptied = RecordBlocks.byId(rule, some(2)).restrictedTo(some(2).without(first.ids()));
        assertEquals(blocks.subList(1, blocks.size()), emptied.blocks());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void all_records_of_a_subject_are_in_one_block(BlockRule rule) {
        RecordBlocks blocks = RecordBlocks.bySubject(rule, some(3), id -> Math.floorMod(id, 11));
        for (Block block : blocks.blocks()) {
            block.ids().stream().forEach(id -> assertEquals(rule.blockOf(Math.floorMod(id, 11)), block.number()));
        }
    }

    @Test
    void hashed_blocks_are_about_as_large_as_one_another() {
        List<Block> blocks = RecordBlocks.byId(new BlockRule.Hashed(10), RecordIds.firstN(10_000))
                .blocks();
        assertEquals(10, blocks.size());
        // binomial, deviation 30: five of them
        blocks.forEach(block -> assertTrue(Math.abs(block.ids().size() - 1000) < 150, block.toString()));
    }

    @Test
    void what_identifies_blocks_is_written_out_and_stays_as_it_is() {
        assertEquals(
                "RecordBlocks[rule=Ranges[width=7], key=RECORD]",
                RecordBlocks.byId(new BlockRule.Ranges(7), some(1)).facts().text());
        assertEquals(
                "RecordBlocks[rule=Hashed[blocks=5], key=SUBJECT]",
                RecordBlocks.bySubject(new BlockRule.Hashed(5), some(1), id -> 0)
                        .facts()
                        .text());
        // part of files' names and of fingerprints; SplitMix64's published first draw of seed 0, E220A8397B1DCDAF, is 4
        // modulo 5
        assertEquals(
                List.of(4L, 4L, 4L, 3L),
                LongStream.range(0, 4)
                        .map(new BlockRule.Hashed(5)::blockOf)
                        .boxed()
                        .toList());
    }

    @Test
    void what_makes_no_sense_is_refused() {
        refused("the width of a block must be >= 1, got 0", () -> new BlockRule.Ranges(0));
        refused("the number of blocks must be >= 1, got 0", () -> new BlockRule.Hashed(0));
        refused("a block must have records", () -> new Block(3, RecordIds.of()));
        RecordBlocks blocks = RecordBlocks.byId(new BlockRule.Ranges(2), RecordIds.firstN(5));
        refused("record ids must be known, got 1 unknown: [9]", () -> blocks.restrictedTo(RecordIds.of(1, 9)));
    }
}
