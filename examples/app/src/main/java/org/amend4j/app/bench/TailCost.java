/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The least that a training step costs above frozen layers, an example. */
final class TailCost {

    private TailCost() {}

    /**
     * Counted from the network's own shapes: the products of 1×1 and other full convolutions and of dense layers, forward and
     * the input's gradient, but for the lowest layer's; left out are adapters, depthwise convolutions, the update.
     *
     * @param trained the vertices above the frozen ones
     * @param example one input [1, ...]
     */
    static MinimumCost perExample(ComputationGraph network, List<String> trained, INDArray example) {
        Map<String, INDArray> outputs = network.feedForward(example, false);
        double products = 0;
        double lowest = Double.POSITIVE_INFINITY;
        double activations = 0;
        for (String vertex : trained) {
            INDArray output = Objects.requireNonNull(outputs.get(vertex), vertex);
            double one = products(
                    Objects.requireNonNull(
                            network.getConfiguration().getVertices().get(vertex), vertex),
                    output.length());
            products += one;
            lowest = one > 0 ? Math.min(lowest, one) : lowest;
            activations += output.length();
        }
        // Whichever is lowest, it costs no less than the cheapest.
        return new MinimumCost(2 * products, 2 * (products - lowest), 0, Float.BYTES * 5 * activations);
    }

    /** Multiplications of one forward pass. */
    private static double products(GraphVertex vertex, long outputs) {
        if (!(vertex instanceof LayerVertex layered)) {
            return 0;
        }
        return LayerKinds.weight(layered.getLayerConf().getLayer())
                .map(weight -> (double) outputs * weight.rows())
                .orElse(0.0);
    }
}
