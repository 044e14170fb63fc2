/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.List;
import org.amend4j.internal.graph.GraphAdapters;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.LocalBlocks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A graph's loss, to be summed over blocks of records: what {@link GraphObjective} is, before there are records. The given graph is
 * copied and never changed; objectives on different blocks share the copy. Not thread-safe, neither this nor what it makes: who
 * computes blocks at the same time has one of these each.
 */
public final class GraphBlocks {

    private final GraphLoss loss;
    private final BlockSettings settings;
    private final double[] initial;

    private GraphBlocks(GraphLoss loss, BlockSettings settings, double[] initial) {
        this.loss = loss;
        this.settings = settings;
        this.initial = initial;
    }

    /**
     * The loss of a graph.
     *
     * @throws IllegalArgumentException for what {@link GraphObjective#of(ComputationGraph, Records)} refuses
     */
    public static GraphBlocks of(ComputationGraph graph, BlockSettings settings) {
        GraphLoss loss = new GraphLoss(ObservedGraph.of(graph, TrainingExtras.REFUSE));
        return new GraphBlocks(loss, settings, ParameterVectors.of(graph));
    }

    /** What all who compute blocks agree in. */
    public BlockSettings settings() {
        return settings;
    }

    /** The length of the parameter vector. */
    public int dimension() {
        return loss.dimension();
    }

    /** The type in which a block's records are computed. */
    public Precision precision() {
        return loss.dataType() == DataType.DOUBLE ? Precision.DOUBLE : Precision.FLOAT;
    }

    /** The adapters whose weights' gradients are known: none if gradients are clipped. */
    public List<AdapterBlock> adapters() {
        return settings.clipping().isPresent()
                ? List.of()
                : GraphAdapters.of(loss.twin().graph());
    }

    /** The parameters the graph had: where a run starts. */
    public double[] parameters() {
        return initial.clone();
    }

    /** The sum over a block's records, without normaliser and weight decay. */
    public RecordObjective on(Records block) {
        GraphObjective plain = GraphObjective.ofBlock(loss, block, settings.chunk(), initial);
        return settings.clipping().<RecordObjective>map(plain::clipped).orElse(plain);
    }

    /** The sums over all blocks of some records, computed in this process; {@link BlockedObjective} makes an objective of them. */
    public LocalBlocks local(Records records) {
        return LocalBlocks.of(settings.blocks(records), block -> on(records.only(block.ids())));
    }
}
