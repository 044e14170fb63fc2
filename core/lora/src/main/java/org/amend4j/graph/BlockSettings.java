/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.graph.Clipping.Unit;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.AssignedBy;

/**
 * What all who compute blocks of one objective must agree in.
 *
 * @param rule which block a record is in
 * @param chunk how many records of a block are evaluated at a time, at least 1; it has to be said, since what fits depends on the block
 * @param clipping of gradients, if they are clipped. Subjects that are clipped are in one block with all of their records
 */
public record BlockSettings(BlockRule rule, int chunk, Optional<Clipping> clipping) {

    /** @throws IllegalArgumentException if the chunk is below 1 */
    public BlockSettings {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(clipping, "clipping");
        Checks.atLeast(1, "a chunk of a block's records", chunk);
    }

    /** Without clipping. */
    public static BlockSettings of(BlockRule rule, int chunk) {
        return new BlockSettings(rule, chunk, Optional.empty());
    }

    /** With gradients clipped. */
    public BlockSettings clipped(Clipping to) {
        return new BlockSettings(rule, chunk, Optional.of(to));
    }

    /** What the rule is applied to: subjects where they are clipped, else records. */
    public AssignedBy key() {
        return clipping.filter(clip -> clip.unit() == Unit.OWNER).isPresent() ? AssignedBy.SUBJECT : AssignedBy.RECORD;
    }

    /** The blocks that some records are in. */
    public RecordBlocks blocks(Records records) {
        return key() == AssignedBy.RECORD
                ? RecordBlocks.byId(rule, records.ids())
                : RecordBlocks.bySubject(
                        rule, records.ids(), id -> records.subject(records.ids().indexOf(id)));
    }
}
