/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.BlockSettings;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.blocks.BlockRule;

/**
 * The blocks in which gradients are added up, and the place where that is done. Rule and chunk determine the order in which numbers are
 * added, and a run must continue with those that it began with; the place does not, and may be another one every time.
 *
 * @param rule which block a record is in, by its id, or by its subject where subjects are clipped
 * @param chunk how many records of a block are evaluated at a time, at least 1
 * @param place where blocks are computed
 */
public record GradientBlocks(BlockRule rule, int chunk, BlockPlace place) {

    /** @throws IllegalArgumentException if the chunk is below 1 */
    public GradientBlocks {
        Checks.present("rule", rule);
        Checks.atLeast(1, "a chunk of a block's records", chunk);
        Checks.present("place", place);
    }

    /** Computed in this process. */
    public static GradientBlocks here(BlockRule rule, int chunk) {
        return new GradientBlocks(rule, chunk, BlockPlace.HERE);
    }

    /** How all who compute them do it, without clipping. */
    BlockSettings settings() {
        return BlockSettings.of(rule, chunk);
    }
}
