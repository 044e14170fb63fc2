/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.KernelProbe;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSum;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * What executors need to compute blocks: broadcast once. What they make of it (graphs, records) is kept with it, one to a process, and
 * goes when Spark lets the broadcast go; one that Spark has evicted from memory is made again.
 */
final class SentBlocks implements Serializable {

    private static final long serialVersionUID = 1;

    private final SentGraph graph;
    private final BlockRule rule;
    private final int chunk;
    private final @Nullable Clipping clipping;
    private final BlockReader reader;
    private final String kernels;
    private transient @Nullable ExecutorBlocks here;

    /**
     * To be broadcast.
     *
     * @param kernels the {@link KernelProbe} that every process must have
     */
    SentBlocks(SentGraph graph, BlockSettings settings, BlockReader reader, String kernels) {
        this.graph = graph;
        this.rule = settings.rule();
        this.chunk = settings.chunk();
        this.clipping = settings.clipping().orElse(null);
        this.reader = reader;
        this.kernels = kernels;
    }

    private BlockSettings settings() {
        return new BlockSettings(rule, chunk, Optional.ofNullable(clipping));
    }

    /** A copy of the function, for one user at a time. */
    GraphBlocks open() throws IOException {
        return GraphBlocks.of(graph.open(), settings());
    }

    private synchronized ExecutorBlocks here() {
        if (here == null) {
            Kernels.require(kernels);
            here = new ExecutorBlocks(this::open, reader);
        }
        return here;
    }

    /** Reads a block and says what it is. */
    Answer<BlockReport> report(long block) {
        return answer(block, here -> here.report(block));
    }

    /** Evaluates a block's selected records. */
    Answer<BlockAnswer> sum(long block, BlockPrints prints, Selection selection, double[] theta, Wanted wanted) {
        return answer(
                block,
                here -> here.with(
                        block,
                        prints,
                        objective -> new BlockAnswer(
                                block, BlockSum.of(selected(objective, block, selection), theta, wanted))));
    }

    /** Names what a block's selected records compute. */
    Answer<String> fingerprint(long block, BlockPrints prints, Selection selection) {
        return answer(
                block,
                here -> here.with(
                        block,
                        prints,
                        objective -> selected(objective, block, selection).fingerprint()));
    }

    private static RecordObjective selected(RecordObjective whole, long block, Selection selection) {
        return selection.hasAll(block) ? whole : whole.restrictedTo(selection.some(block));
    }

    private <T extends Serializable> Answer<T> answer(long block, Function<ExecutorBlocks, T> question) {
        try {
            return new Answer.Given<>(question.apply(here()));
        } catch (IllegalArgumentException | ArithmeticException refusal) {
            return new Answer.Refused<>(refusal);
        } catch (UncheckedIOException e) {
            return new Answer.Refused<>(new IllegalArgumentException(
                    "executors must be able to read their blocks and bases, got " + e.getCause() + " (block " + block
                            + ")",
                    e));
        }
    }
}
