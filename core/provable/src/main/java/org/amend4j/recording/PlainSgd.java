/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Whether a network's own configuration makes {@code fit} plain gradient descent that can be replayed, and the weight decay of its
 * penalties. What changes the loss itself (dropout, weight noise, batch statistics) is refused where the objective is created.
 */
public final class PlainSgd {

    private PlainSgd() {}

    /**
     * Requires that {@code fit} steps along plain gradients in double precision.
     *
     * @param defaults how the network as a whole is trained, which a network converted to a graph does not know
     * @throws IllegalArgumentException in one sentence that names the layer in the way
     */
    static void require(ComputationGraph graph, NeuralNetConfiguration defaults) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        if (configuration.getDataType() != DataType.DOUBLE) {
            throw refused(
                    "a network in DOUBLE: in lower precision rounding exceeds every bound",
                    configuration.getDataType());
        }
        if (configuration.getBackpropType() != BackpropType.Standard) {
            throw refused("whole sequences in one step", configuration.getBackpropType());
        }
        OptimizationAlgorithm algorithm = defaults.getOptimizationAlgo();
        if (algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw refused("plain gradient steps", algorithm);
        }
        if (!defaults.isMiniBatch()) {
            throw refused("gradients divided by the size of their batch", "miniBatch(false)");
        }
        for (GraphVertex vertex : graph.getVertices()) {
            trained(vertex).forEach((key, layer) -> requireSgd(vertex.getVertexName(), key, layer));
        }
    }

    private static void requireSgd(String name, String key, Layer layer) {
        if (LayerKinds.of(layer).filter(known -> known.kind().mixesExamples()).isPresent()) {
            throw refused("records that do not mix", "batch statistics at layer '" + name + "'");
        }
        IUpdater updater = layer.getUpdaterByParam(key);
        if (!(updater instanceof Sgd)) {
            throw refused("Sgd, an updater without state", "" + updater + " at layer '" + name + "'");
        }
        GradientNormalization normalisation = layer.getGradientNormalization();
        if (normalisation != null && normalisation != GradientNormalization.None) {
            throw refused("gradients as they are", normalisation + " at layer '" + name + "'");
        }
        if (layer.getConstraints() != null && !layer.getConstraints().isEmpty()) {
            throw refused("parameters without constraints", layer.getConstraints() + " at layer '" + name + "'");
        }
    }

    /** The layer behind each trained parameter of a vertex; empty if it trains none. */
    private static Map<String, Layer> trained(GraphVertex vertex) {
        if (!vertex.hasLayer() || vertex.getLayer().numParams() == 0) {
            return Map.of();
        }
        Layer layer = vertex.getLayer().conf().getLayer();
        if (Unfrozen.isFrozen(layer)) {
            return Map.of();
        }
        return vertex.paramTable(false).keySet().stream()
                .collect(Collectors.toUnmodifiableMap(key -> key, key -> layer));
    }

    private static IllegalArgumentException refused(String rule, Object got) {
        return new IllegalArgumentException("a training that can be replayed needs " + rule + ", got " + got);
    }

    /**
     * The one step size of all layers.
     *
     * @param iteration how many steps were made
     * @throws IllegalArgumentException if layers have different ones
     */
    static double stepSize(ComputationGraph graph, int iteration, int epoch) {
        OptionalDouble common = OptionalDouble.empty();
        for (GraphVertex vertex : graph.getVertices()) {
            for (Map.Entry<String, Layer> entry : trained(vertex).entrySet()) {
                double one =
                        ((Sgd) entry.getValue().getUpdaterByParam(entry.getKey())).getLearningRate(iteration, epoch);
                if (common.isPresent() && common.getAsDouble() != one) {
                    throw refused("one step size for all layers", common.getAsDouble() + " and " + one);
                }
                common = OptionalDouble.of(one);
            }
        }
        return common.orElseThrow(() -> refused("something to train", "a network whose layers are all frozen"));
    }

    /**
     * λ of the penalties that the network's configuration has: 0 for none, or one {@code l2} for all weights and biases.
     *
     * @throws IllegalArgumentException if they are anything else
     */
    public static double weightDecay(ComputationGraph graph) {
        OptionalDouble common = OptionalDouble.empty();
        for (GraphVertex vertex : graph.getVertices()) {
            for (Map.Entry<String, Layer> entry : trained(vertex).entrySet()) {
                double one =
                        weightDecay(vertex.getVertexName(), entry.getValue().getRegularizationByParam(entry.getKey()));
                if (common.isPresent() && common.getAsDouble() != one) {
                    throw refused(
                            "the same l2 and l2Bias on every trained parameter, or none",
                            common.getAsDouble() + " and " + one);
                }
                common = OptionalDouble.of(one);
            }
        }
        return common.orElse(0);
    }

    private static double weightDecay(String layer, @Nullable List<Regularization> penalties) {
        if (penalties == null || penalties.isEmpty()) {
            return 0;
        }
        if (penalties.size() == 1 && penalties.get(0) instanceof L2Regularization l2) {
            return l2.getL2().valueAt(0, 0);
        }
        throw refused("no penalties but l2 with l2Bias", penalties + " at layer '" + layer + "'");
    }

    /** A copy with a configuration without penalties: the recipe's weight decay does their work. */
    public static ComputationGraph withoutPenalties(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = Configurations.copy(graph.getConfiguration());
        configuration.getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex layer && layer.getLayerConf().getLayer() instanceof BaseLayer base) {
                base.setRegularization(List.of());
                base.setRegularizationBias(List.of());
            }
        });
        ComputationGraph copy = new ComputationGraph(configuration);
        copy.init(graph.params().dup(), false);
        return copy;
    }
}
