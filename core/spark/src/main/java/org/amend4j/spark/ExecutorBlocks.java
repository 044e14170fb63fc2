/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private final Map<Long, Records> kept = new ConcurrentHashMap<>();
    private final Set<Long> checked = ConcurrentHashMap.newKeySet();

    ExecutorBlocks(Opening opening, BlockReader reader) {
        this.opening = opening;
        this.reader = reader;
    }

    /**
     * Asks something of the sum over a whole block.
     *
     * @param prints what the block must be
     * @throws UncheckedIOException if the block or a base cannot be read here
     * @throws IllegalArgumentException if it is another block, or a record is not in the block that it belongs to
     */
    <T> T with(long block, BlockPrints prints, Function<RecordObjective, T> question) {
        return with(block, objective -> {
            if (!checked.contains(block)) {
                prints.require(block, objective.fingerprint());
                checked.add(block);
            }
            return question.apply(objective);
        });
    }

    private <T> T with(long block, Function<RecordObjective, T> question) {
        GraphBlocks graph = idle.poll();
        try {
            GraphBlocks mine = graph == null ? opening.open() : graph;
            // one that has failed is not used again
            T answer = question.apply(mine.on(records(block, mine.settings())));
            idle.add(mine);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a block, if it is not here, and says what it is. */
    BlockReport report(long block) {
        return with(block, objective -> BlockReport.of(block, Objects.requireNonNull(kept.get(block)), objective));
    }

    private Records read(long block) throws IOException {
        try {
            return reader.read(block);
        } catch (IllegalArgumentException refusal) {
            // who reads a file knows the place in it only
            throw new IllegalArgumentException(refusal.getMessage() + " (block " + block + ")", refusal);
        }
    }

    private Records records(long block, BlockSettings settings) {
        return kept.computeIfAbsent(block, number -> {
            try {
                Records read = read(number);
                for (Block found : settings.blocks(read).blocks()) {
                    if (found.number() != number) {
                        throw new IllegalArgumentException("a record must be in its block, got record "
                                + found.ids().get(0) + " of block " + found.number() + " in block " + number);
                    }
                }
                return read;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
