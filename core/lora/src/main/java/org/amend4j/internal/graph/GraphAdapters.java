/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.graph;

import java.util.List;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.AdapterBlock;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Where the adapters of a graph are in its parameter vector. */
public final class GraphAdapters {

    private GraphAdapters() {}

    /**
     * All that train, in the order of the vector; none of a plain graph.
     *
     * @param graph initialised
     * @throws UnsupportedNetworkException if there are adapters that are no product on a layer's input, of which bounds of steps
     *     know nothing
     */
    public static List<AdapterBlock> of(ComputationGraph graph) {
        ObservedGraph.otherAdapters(graph).stream().findFirst().ifPresent(vertex -> {
            throw new UnsupportedNetworkException(
                    "bounds of steps are known for adapters that work on a layer's input by their factors alone, but vertex '"
                            + vertex
                            + "' has others: they add to its weights, have magnitudes or biases of their own, look rows"
                            + " up, or are a language model's head's");
        });
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
