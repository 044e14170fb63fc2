/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.amend4j.model.GraphLayers;
import org.amend4j.model.Thawed;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which biases of a base train with its adapters. */
final class Biases {

    private Biases() {}

    /** Those that the bias mode of a configuration means; layers trained in full have theirs anyway. */
    static List<AdaptedBias> of(BaseModel base, LoraFit fit) {
        BiasMode mode = fit.config().scheme().bias();
        Set<String> adapted =
                fit.weights().stream().map(one -> one.weight().vertex()).collect(Collectors.toSet());
        List<AdaptedBias> biases = new ArrayList<>();
        for (String name : GraphLayers.vertices(base.configuration())) {
            boolean meant = mode == BiasMode.ALL || (mode == BiasMode.ADAPTED && adapted.contains(name));
            if (meant && !fit.trainedInFull().contains(name)) {
                biases.addAll(ofLayer(base, name));
            }
        }
        return biases;
    }

    private static List<AdaptedBias> ofLayer(BaseModel base, String name) {
        Map<String, INDArray> parameters = base.parameters(name);
        return GraphLayers.layer(base.configuration(), name)
                .map(Thawed::of)
                .map(LayerKinds::biases)
                .orElse(List.of())
                .stream()
                .flatMap(key -> Stream.ofNullable(parameters.get(key))
                        .map(values -> new AdaptedBias(name, key, values.length())))
                .toList();
    }

    /** Refuses a bias on a B whose layer has none that it could be added to. */
    static void requireBiasUnder(BaseModel base, WeightAdapter adapter) {
        INDArray bias = base.parameters(adapter.weight().vertex()).get(DefaultParamInitializer.BIAS_KEY);
        boolean there = adapter.weight().single() && bias != null && bias.length() == adapter.columns();
        if (adapter.adapter().scheme().biasOnB() && !there) {
            throw new IllegalArgumentException(
                    "B must not have a bias on '" + adapter.weight().name()
                            + "', which has no bias of its own that it could be merged into: leave it out of the targets, or"
                            + " do without a bias on B");
        }
    }
}
