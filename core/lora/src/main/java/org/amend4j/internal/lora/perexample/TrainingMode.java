/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.perexample;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.ComputesItself;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.lora.TrainedSameDiffLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.impl.ActivationRReLU;

/** What makes a layer compute something else in training than in inference, or a wrong gradient. */
public final class TrainingMode {

    static final String DOUBLED =
            "is written in SameDiff, whose gradients Deeplearning4j doubles: freeze it as part of a base model";

    private TrainingMode() {}

    /**
     * The first thing in a graph, by topological order, that makes its outputs in training differ from those in use, mixes
     * examples, or spoils its gradient: a phrase such as "layer 'hidden' has dropout Dropout(0.5)". Regularisation is none.
     */
    public static Optional<String> obstacle(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        for (String name : GraphLayers.vertices(configuration)) {
            GraphVertex vertex =
                    Objects.requireNonNull(configuration.getVertices().get(name), name);
            Optional<String> found = Optional.empty();
            if (vertex instanceof LayerVertex layer) {
                boolean parameters = graph.getLayer(name).numParams() > 0;
                found = obstacleOrNoise(layer.getLayerConf().getLayer(), parameters, false)
                        .map(what -> "layer '" + name + "' " + what);
            } else if (ExternalErrors.concerns(vertex)) {
                found = Optional.of("vertex '" + name + "' " + DOUBLED);
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> obstacleOrNoise(Layer layer, boolean parameters, boolean corrected) {
        Optional<String> found =
                obstacle(layer, parameters, corrected).or(() -> noise(layer).map(what -> "has " + what));
        // Layers on a base run in test mode; the others are examined.
        if (found.isPresent() || layer instanceof FrozenBaseLayer || Unfrozen.stopsGradients(layer)) {
            return found;
        }
        return Wrappers.inside(layer).stream()
                .flatMap(inside -> obstacleOrNoise(inside, parameters, corrected || corrects(layer)).stream())
                .findFirst();
    }

    /** Whether a layer makes up for Deeplearning4j's doubled gradients of what is inside of it. */
    static boolean corrects(Layer layer) {
        return layer instanceof TrainedSameDiffLayer;
    }

    /**
     * What makes a layer's gradient useless; the end of a sentence.
     *
     * @param corrected whether it is inside of a layer that {@linkplain #corrects corrects} it
     */
    static Optional<String> obstacle(Layer layer, boolean parameters, boolean corrected) {
        Optional<String> known =
                LayerKinds.resembling(layer).flatMap(found -> found.kind().gradientObstacle());
        if (known.isPresent()) {
            return known;
        }
        if (ExternalErrors.concerns(layer) && !corrected) {
            return Optional.of(DOUBLED);
        }
        if (LayerKinds.activation(layer)
                .filter(ActivationRReLU.class::isInstance)
                .isPresent()) {
            return Optional.of("has a random activation (RReLU)");
        }
        if (Unfrozen.isFrozen(layer) && (parameters || !Unfrozen.stopsGradients(layer))) {
            return Optional.of("is frozen but in the parameter vector: put the trained part on a base model instead");
        }
        return Optional.empty();
    }

    /** Randomness in training. */
    static Optional<String> noise(Layer layer) {
        return noiseOfLayer(layer).or(() -> adapterDropout(layer));
    }

    /** Randomness in training that plans cannot draw by a key: they drop the inputs of factors without magnitudes. */
    static Optional<String> noiseWithoutKey(Layer layer) {
        return noiseOfLayer(layer)
                .or(() -> layer instanceof ComputesItself itself && !itself.isKnownToPlans()
                        ? adapterDropout(layer)
                                .map(what -> what + " with magnitudes or a bias on B, whose masks no key decides")
                        : Optional.empty());
    }

    private static Optional<String> adapterDropout(Layer layer) {
        return layer instanceof CarriesAdapters carrier && carrier.dropout() > 0
                ? Optional.of("adapter dropout " + carrier.dropout())
                : Optional.empty();
    }

    private static Optional<String> noiseOfLayer(Layer layer) {
        if (layer.getIDropout() != null && !keepsEverything(layer.getIDropout())) {
            return Optional.of("dropout " + layer.getIDropout());
        }
        return layer instanceof BaseLayer base && base.getWeightNoise() != null
                ? Optional.of("weight noise " + base.getWeightNoise())
                : Optional.empty();
    }

    /** Importers leave such dropouts behind. */
    private static boolean keepsEverything(IDropout dropout) {
        return dropout instanceof Dropout stock && stock.getPSchedule() == null && stock.getP() == 1;
    }
}
