/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import java.util.Set;
import org.amend4j.model.NormClip;
import org.amend4j.model.Thawed;
import org.amend4j.model.Vertices;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.L2NormalizeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.PoolHelperVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ScaleVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ShiftVertex;
import org.deeplearning4j.nn.graph.vertex.impl.SubsetVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's own vertices, run in test mode one after the other. They keep state while they run, so they run under the
 * network's monitor, which {@code output} and {@code feedForward} take as well, and are cleared afterwards.
 */
final class Stock {

    /** Vertices, of DL4J and our own, that treat each example by itself. */
    private static final Set<Class<?>> EXAMPLE_WISE_VERTICES = Set.of(
            ElementWiseVertex.class,
            L2NormalizeVertex.class,
            MergeVertex.class,
            NormClip.class,
            PoolHelperVertex.class,
            ScaleVertex.class,
            ShiftVertex.class,
            SubsetVertex.class);

    private static final Set<Class<?>> EXAMPLE_WISE_PREPROCESSORS =
            Set.of(CnnToFeedForwardPreProcessor.class, FeedForwardToCnnPreProcessor.class);

    private final ComputationGraph network;
    private final List<GraphVertex> chain;

    /**
     * @param chain vertices to run in order, each but the first with the one before as its only input
     */
    Stock(ComputationGraph network, List<GraphVertex> chain) {
        this.network = network;
        this.chain = List.copyOf(chain);
    }

    /** Whether a batch may be cut along dimension 0 without changing any example's result. */
    boolean isExampleWise() {
        return chain.stream().allMatch(Stock::isExampleWise);
    }

    /**
     * Runs the vertices.
     *
     * @param inputs the first vertex's inputs; may be modified
     * @param networkInputs the network's inputs of this call, which some vertices look at
     * @return the last vertex's output, in no workspace
     */
    INDArray run(INDArray[] inputs, INDArray[] networkInputs) {
        synchronized (network) {
            INDArray[] before = network.getInputs();
            network.setInputs(networkInputs);
            try {
                INDArray[] current = inputs;
                for (GraphVertex vertex : chain) {
                    current = new INDArray[] {Vertices.forward(vertex, current)};
                }
                return current[0];
            } finally {
                network.setInputs(before);
                chain.forEach(GraphVertex::clear);
            }
        }
    }

    private static boolean isExampleWise(GraphVertex vertex) {
        if (!(vertex instanceof LayerVertex layer)) {
            return EXAMPLE_WISE_VERTICES.contains(vertex.getClass());
        }
        boolean plainInput = layer.getLayerPreProcessor() == null
                || EXAMPLE_WISE_PREPROCESSORS.contains(
                        layer.getLayerPreProcessor().getClass());
        return plainInput
                && LayerKinds.of(Thawed.running(layer.getLayer()).conf().getLayer())
                        .filter(known -> known.kind().isExampleWise())
                        .isPresent();
    }
}
