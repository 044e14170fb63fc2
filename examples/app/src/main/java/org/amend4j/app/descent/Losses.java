/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.compute.Compute;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Records;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Makes the mean loss of a graph over records. */
@FunctionalInterface
public interface Losses {

    /** The mean loss of an adapted graph over all records. */
    LowRankObjective of(ComputationGraph graph, Records records);

    /** Undivided. */
    static Losses on(Compute compute) {
        return compute::objective;
    }

    /**
     * In blocks of so many records, computed anywhere.
     *
     * @param width at least 1
     */
    static Losses inBlocks(int width, Cluster cluster) {
        BlockSettings settings = BlockSettings.of(new BlockRule.Ranges(width), width);
        return (graph, records) -> BlockedObjective.of(cluster.blocks().sums(graph, settings, records), records.size());
    }
}
