/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The masks that are set on a graph, taken from its layers as long as this is open. */
final class MasksAside implements AutoCloseable {

    private final ComputationGraph graph;
    private final INDArray @Nullable [] ofFeatures;
    private final INDArray @Nullable [] ofLabels;

    MasksAside(ComputationGraph graph) {
        this.graph = graph;
        this.ofFeatures = graph.getInputMaskArrays();
        this.ofLabels = graph.getLabelMaskArrays();
        if (areThere()) {
            // some vertices keep masks until they are given others, if only none
            graph.setLayerMaskArrays(new INDArray[graph.getNumInputArrays()], null);
            graph.clearLayerMaskArrays();
        }
    }

    private boolean areThere() {
        return ofFeatures != null || ofLabels != null;
    }

    @Override
    public void close() {
        if (areThere()) {
            graph.setLayerMaskArrays(ofFeatures, ofLabels);
        }
    }
}
