/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSum;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.TreeSum;
import org.amend4j.objective.blocks.TreeSum.Node;
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
    private final Kernels kernels;
    private transient @Nullable ExecutorBlocks here;

    /**
     * To be broadcast.
     *
     * @param kernels that every process must have
     */
    SentBlocks(SentGraph graph, BlockSettings settings, BlockReader reader, Kernels kernels) {
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
            kernels.requireHere();
            here = new ExecutorBlocks(this::open, reader, KeptBlocks.inHalfOfMemory());
        }
        return here;
    }

    /** Reads some blocks and says what they are. */
    TaskResult<List<BlockReport>> reports(long[] part) {
        return answers(part, (here, block) -> here.report(block));
    }

    /** Evaluates the selected records of some blocks, added up as far as these are the whole of a node of the tree. */
    TaskResult<List<Node>> sums(long[] part, BlockPrints prints, Selection selection, double[] theta, Wanted wanted) {
        TreeSum sum = new TreeSum(selection.tree());
        long[] some = selection.among(part);
        for (long block : some) {
            TaskResult<BlockSum> one = answer(
                    block,
                    here -> here.with(
                            block,
                            prints,
                            objective -> BlockSum.of(selection.selected(objective, block), theta, wanted)));
            if (one instanceof TaskResult.Refused<BlockSum> refused) {
                return new TaskResult.Refused<>(refused.reason());
            }
            int place = selection.place(block);
            sum.take(place, place + 1, one.get());
        }
        return new TaskResult.Given<>(sum.nodes());
    }

    /** Names what the selected records of some blocks compute, a name for each of the blocks that have records. */
    TaskResult<List<String>> fingerprints(long[] part, BlockPrints prints, Selection selection) {
        return answers(
                selection.among(part),
                (here, block) -> here.with(
                        block,
                        prints,
                        objective -> selection.selected(objective, block).fingerprint()));
    }

    private <T> TaskResult<List<T>> answers(long[] part, BiFunction<ExecutorBlocks, Long, T> question) {
        List<T> all = new ArrayList<>();
        for (long block : part) {
            TaskResult<T> one = answer(block, here -> question.apply(here, block));
            if (one instanceof TaskResult.Refused<T> refused) {
                return new TaskResult.Refused<>(refused.reason());
            }
            all.add(one.get());
        }
        return new TaskResult.Given<>(all);
    }

    private <T> TaskResult<T> answer(long block, Function<ExecutorBlocks, T> question) {
        try {
            return new TaskResult.Given<>(question.apply(here()));
        } catch (IllegalArgumentException | ArithmeticException refusal) {
            return new TaskResult.Refused<>(refusal);
        } catch (UncheckedIOException e) {
            return new TaskResult.Refused<>(new IllegalArgumentException(
                    "executors must be able to read their blocks and bases, got " + e.getCause() + " (block " + block
                            + ")",
                    e));
        }
    }
}
