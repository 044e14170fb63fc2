/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockedObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Where the blocks of a graph are computed: here, or on a cluster, which gets the same bits. Learning, rewinds and audits ask for sums at
 * their place and have to know nothing of it. A place that keeps something for the sums that it made, such as files of records, keeps it
 * until it is closed itself, by whoever opened it.
 */
@FunctionalInterface
public interface BlockPlace {

    /** This process. */
    BlockPlace HERE =
            (graph, settings, records) -> GraphBlocks.of(graph, settings).local(records);

    /**
     * The sums over all blocks of some records, with the bits of {@link GraphBlocks#local}; {@link BlockedObjective} makes an objective of
     * them.
     *
     * @param graph initialised; only read. The base of an adapted one is known to {@link org.amend4j.model.BaseModel} by the fingerprint
     *     that its layers name
     * @param settings the rule, the chunk and whose gradients are clipped
     * @param records with their ids and subjects
     * @throws IllegalArgumentException for what {@link GraphBlocks#of} refuses, or if the place cannot compute them, in one sentence
     */
    BlockSums sums(ComputationGraph graph, BlockSettings settings, Records records);
}
