/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.List;
import org.amend4j.lora.observed.ObservedGraph;
import org.amend4j.objective.AdapterBlock;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Where the adapters of a graph are in its parameter vector. */
public final class GraphAdapters {

    private GraphAdapters() {}

    /**
     * All that train, in the order of the vector; none of a plain graph.
     *
     * @param graph initialised
     */
    public static List<AdapterBlock> of(ComputationGraph graph) {
        return ObservedGraph.adapters(graph).stream().map(GraphAdapters::block).toList();
    }

    private static AdapterBlock block(ObservedGraph.Adapter adapter) {
        return new AdapterBlock(
                adapter.layer(),
                Math.toIntExact(adapter.offsetA()),
                Math.toIntExact(adapter.rows()),
                Math.toIntExact(adapter.rank()),
                Math.toIntExact(adapter.offsetB()),
                Math.toIntExact(adapter.columns()),
                adapter.scaling());
    }
}
