/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.Block;

/**
 * Which records of which blocks are in the sum. A block that is not named has lost all of its records; one that is named with none has
 * all of them.
 */
final class Selection implements Serializable {

    private static final long serialVersionUID = 1;
    private static final long[] ALL = {};

    private final Map<Long, long[]> blocks;

    private Selection(Map<Long, long[]> blocks) {
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
        return new Selection(blocks);
    }

    /** Whether the block has records. */
    boolean has(long block) {
        return blocks.containsKey(block);
    }

    /** Whether it has all of its records. */
    boolean hasAll(long block) {
        return ids(block).length == 0;
    }

    /** Its records, if it has some but not all. */
    RecordIds some(long block) {
        return RecordIds.of(ids(block));
    }

    private long[] ids(long block) {
        long[] ids = blocks.get(block);
        if (ids == null) {
            throw new IllegalStateException("block " + block + " has no records");
        }
        return ids;
    }
}
