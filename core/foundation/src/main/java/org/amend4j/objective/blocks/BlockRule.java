/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.io.Serializable;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Which block a record is in: a function of its key alone (its id, or its subject's), not of the other records. So a record stays in its
 * block for ever, and a deletion moves no other record. Serializable so that it can be sent to a cluster's processes; no file has it in
 * that form.
 */
public sealed interface BlockRule extends Identified, Serializable {

    /**
     * The number of the block.
     *
     * @param key a record's id, or its subject's
     */
    long blockOf(long key);

    /**
     * Keys that follow one another are together: block k holds the keys from {@code k·width} to {@code (k + 1)·width - 1}. For ids
     * that number the rows of a file.
     *
     * @param width keys a block, at least 1
     */
    record Ranges(long width) implements BlockRule {

        /** @throws IllegalArgumentException if the width is below 1 */
        public Ranges {
            if (width < 1) {
                throw new IllegalArgumentException("the width of a block must be >= 1, got " + width);
            }
        }

        @Override
        public long blockOf(long key) {
            return Math.floorDiv(key, width);
        }

        @Override
        public Facts facts() {
            return Facts.of("Ranges").with("width", width);
        }
    }

    /**
     * Keys are spread over so many blocks by their bits, about evenly whatever they are. For ids and subjects that are no numbers of
     * rows.
     *
     * @param blocks at least 1
     */
    record Hashed(int blocks) implements BlockRule {

        /** @throws IllegalArgumentException if there are no blocks */
        public Hashed {
            Checks.atLeast(1, "the number of blocks", blocks);
        }

        @Override
        public long blockOf(long key) {
            return Math.floorMod(SplitMix64.draw(key, 0), blocks);
        }

        @Override
        public Facts facts() {
            return Facts.of("Hashed").with("blocks", blocks);
        }
    }
}
