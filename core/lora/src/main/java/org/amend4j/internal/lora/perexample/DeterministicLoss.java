/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.perexample;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.lora.LoraVertex;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * Whether a graph's training loss is a sum over examples of a function of parameters and example, and if not, why.
 */
final class DeterministicLoss {

    private DeterministicLoss() {}

    /**
     * Checks a graph, and takes out of a copy of its configuration what only training uses.
     *
     * @param configuration a copy, changed in place
     */
    static void require(ComputationGraph graph, ComputationGraphConfiguration configuration, TrainingExtras extras) {
        if (graph.numParams() == 0) {
            throw new IllegalArgumentException("an objective needs something to train, got a graph without parameters");
        }
        for (String output : configuration.getNetworkOutputs()) {
            if (!(graph.getLayer(output) instanceof IOutputLayer)) {
                throw new UnsupportedNetworkException(
                        "an objective needs a loss at every output, got output '" + output + "' without one");
            }
        }
        requireGradientsBelowFrozen(configuration);
        for (String name : GraphLayers.vertices(configuration)) {
            GraphVertex any = Objects.requireNonNull(configuration.getVertices().get(name), name);
            if (any instanceof LayerVertex vertex) {
                boolean parameters = graph.getLayer(name).numParams() > 0;
                Layer layer = vertex.getLayerConf().getLayer();
                check(name, layer, parameters, extras, false);
                if (extras != TrainingExtras.LEAVE_TO_TRAINER) {
                    vertex.getLayerConf()
                            .setLayer(layer instanceof FrozenBaseLayer frozen ? frozen.withoutDropout() : layer);
                }
            } else if (any instanceof LoraVertex vertex) {
                check(name, vertex.factors(), true, extras, false);
            } else if (ExternalErrors.concerns(any)) {
                throw new UnsupportedNetworkException(
                        "an objective must have the right gradient, but vertex '" + name + "' " + TrainingMode.DOUBLED);
            }
        }
    }

    /** Deeplearning4j's backward sweep stops at frozen vertices, and what they hand down is missing below. */
    private static void requireGradientsBelowFrozen(ComputationGraphConfiguration configuration) {
        configuration.getVertexInputs().forEach((name, inputs) -> {
            for (String input : inputs) {
                if (isFrozen(configuration, name)
                        && !configuration.getNetworkInputs().contains(input)
                        && !isFrozen(configuration, input)) {
                    throw new UnsupportedNetworkException("an objective must have the right gradient, but '" + name
                            + "' is frozen and keeps it from '" + input
                            + "' below it, which is not: freeze both or neither");
                }
            }
        });
    }

    private static boolean isFrozen(ComputationGraphConfiguration configuration, String name) {
        return configuration.getVertices().get(name) instanceof FrozenVertex
                || GraphLayers.layer(configuration, name)
                        .filter(Unfrozen::stopsGradients)
                        .isPresent();
    }

    private static void check(String name, Layer layer, boolean parameters, TrainingExtras extras, boolean corrected) {
        TrainingMode.obstacle(layer, parameters, corrected).ifPresent(what -> {
            throw new UnsupportedNetworkException(
                    "an objective must be a sum over examples that depends on nothing but the"
                            + " parameters, but layer '" + name + "' " + what);
        });
        LayerKinds.resembling(layer).flatMap(LayerKinds.Known::labelFault).ifPresent(what -> {
            throw new UnsupportedNetworkException("layer '" + name + "' " + what);
        });
        refused(layer, extras).ifPresent(what -> {
            throw new UnsupportedNetworkException("layer '" + name + "' has " + what
                    + ", which is not part of an objective: evaluate the graph without it (LEAVE_OUT)");
        });
        leaveOut(layer);
        // Layers on a base run in test mode; the others are examined.
        if (!(layer instanceof FrozenBaseLayer) && !Unfrozen.stopsGradients(layer)) {
            boolean corrects = corrected || TrainingMode.corrects(layer);
            Wrappers.inside(layer).forEach(inside -> check(name, inside, parameters, extras, corrects));
        }
    }

    private static Optional<String> refused(Layer layer, TrainingExtras extras) {
        return switch (extras) {
            case REFUSE -> TrainingMode.noise(layer).or(() -> regularisation(layer));
            case LEAVE_TO_TRAINER -> TrainingMode.noiseWithoutKey(layer);
            case LEAVE_OUT -> Optional.empty();
        };
    }

    private static Optional<String> regularisation(Layer layer) {
        return layer instanceof BaseLayer base
                        && (!isEmpty(base.getRegularization()) || !isEmpty(base.getRegularizationBias()))
                ? Optional.of("regularisation (an objective has a weight decay of its own)")
                : Optional.empty();
    }

    private static boolean isEmpty(@Nullable List<?> list) {
        return list == null || list.isEmpty();
    }

    private static void leaveOut(Layer layer) {
        layer.setIDropout(null);
        if (layer instanceof BaseLayer base) {
            base.setWeightNoise(null);
            base.setRegularization(new ArrayList<>());
            base.setRegularizationBias(new ArrayList<>());
        }
    }
}
