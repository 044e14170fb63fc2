/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Records;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.blocks.BlockSums;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A cluster as the place that computes blocks of the driver's records. Each block is sent once to the executor that computes it, and so is
 * the base of an adapted graph. For records that executors are to read themselves there is {@link SparkBlocks#open}.
 */
public final class SparkPlace implements BlockPlace, AutoCloseable {

    private final JavaSparkContext context;
    private final int tasks;
    private final Deque<Runnable> kept = new ArrayDeque<>();

    /**
     * A cluster.
     *
     * @param context which stays its owner's
     * @param tasks among which blocks are divided, at least 1; no result depends on it
     */
    public SparkPlace(JavaSparkContext context, int tasks) {
        this.context = context;
        this.tasks = Checks.atLeast(1, "the number of tasks", tasks);
    }

    @Override
    public BlockSums sums(ComputationGraph graph, BlockSettings settings, Records records) {
        SentRecords sent = Jobs.undisturbed(() -> SentRecords.of(context, records, settings.blocks(records)));
        try {
            SparkBlocks sums = SparkBlocks.open(context, SentGraph.of(graph), settings, sent, sent.numbers(), tasks);
            kept.push(() -> {
                sums.close();
                sent.destroy();
            });
            return sums;
        } catch (IOException e) {
            sent.destroy();
            throw new UncheckedIOException(e);
        } catch (RuntimeException refusal) {
            sent.destroy();
            throw refusal;
        }
    }

    /** Has the cluster forget records and graphs of all sums that were made here, which cannot be used any more. */
    @Override
    public void close() {
        while (!kept.isEmpty()) {
            kept.pop().run();
        }
    }
}
