/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** Deeplearning4j's own {@code fit}. */
final class GraphFitting implements Fitting {

    private final ComputationGraph graph;
    private final MultiDataSetIterator batches;

    GraphFitting(ComputationGraph graph, MultiDataSetIterator batches) {
        this.graph = graph;
        this.batches = batches;
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public double[] step() {
        graph.fit(batches.next());
        return new double[] {graph.score()};
    }

    @Override
    public void reset() {
        batches.reset();
    }

    @Override
    public void close() {}
}
