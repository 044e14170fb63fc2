/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.Records;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.RecordBlocks.Block;

/**
 * What one process of a cluster keeps between steps: records of the blocks that it was given, and a copy of the graph for each task that
 * runs at the same time. Thread-safe.
 */
final class ExecutorBlocks {

    /** Makes a copy of the graph. */
    @FunctionalInterface
    interface Opening {
        GraphBlocks open() throws IOException;
    }

    private final Opening opening;
    private final BlockReader reader;
    private final Queue<GraphBlocks> idle = new ConcurrentLinkedQueue<>();
    private final KeptBlocks kept;

    ExecutorBlocks(Opening opening, BlockReader reader, KeptBlocks kept) {
        this.opening = opening;
        this.reader = reader;
        this.kept = kept;
    }

    /**
     * Asks something of the sum over a whole block.
     *
     * @param prints what the block must be
     * @throws UncheckedIOException if the block or a base cannot be read here
     * @throws IllegalArgumentException if it is another block, or a record is not in the block that it belongs to
     */
    <T> T with(long block, BlockPrints prints, Function<RecordObjective, T> question) {
        return with(block, (kept, objective) -> {
            if (!kept.isChecked()) {
                prints.require(block, objective.fingerprint());
                kept.checked();
            }
            return question.apply(objective);
        });
    }

    private <T> T with(long block, BiFunction<KeptBlocks.Kept, RecordObjective, T> question) {
        GraphBlocks graph = idle.poll();
        try {
            GraphBlocks mine = graph == null ? opening.open() : graph;
            // one that has failed is not used again
            KeptBlocks.Kept here = here(block, mine.settings());
            T answer = question.apply(here, mine.on(here.records()));
            idle.add(mine);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a block, if it is not here, and says what it is. */
    BlockReport report(long block) {
        return with(block, (here, objective) -> BlockReport.of(block, here.records(), objective));
    }

    private Records read(long block) throws IOException {
        try {
            return reader.read(block);
        } catch (IllegalArgumentException refusal) {
            // who reads a file knows the place in it only
            throw new IllegalArgumentException(refusal.getMessage() + " (block " + block + ")", refusal);
        }
    }

    /** Two tasks at once may both read it. */
    private KeptBlocks.Kept here(long block, BlockSettings settings) throws IOException {
        Optional<KeptBlocks.Kept> here = kept.get(block);
        if (here.isPresent()) {
            return here.get();
        }
        Records read = read(block);
        for (Block found : settings.blocks(read).blocks()) {
            if (found.number() != block) {
                throw new IllegalArgumentException("a record must be in its block, got record "
                        + found.ids().get(0) + " of block " + found.number() + " in block " + block);
            }
        }
        return kept.put(block, read);
    }
}
