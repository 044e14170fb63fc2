/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which biases of a base train with its adapters. */
final class Biases {

    private Biases() {}

    /** Those that the bias mode of a configuration means; layers trained in full have theirs anyway. */
    static List<AdaptedBias> of(BaseModel base, ResolvedLoraConfig fit) {
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
                .map(Unfrozen::of)
                .map(LayerKinds::biases)
                .orElse(List.of())
                .stream()
                .flatMap(key -> Stream.ofNullable(parameters.get(key))
                        .map(values -> new AdaptedBias(name, key, values.length())))
                .toList();
    }

    /** Refuses a bias on a B whose results have no place for it: neither a bias that it is added to nor a product of rows. */
    static void requireBiasUnder(BaseModel base, WeightAdapter adapter) {
        String vertex = adapter.weight().vertex();
        INDArray bias = base.parameters(vertex).get(DefaultParamInitializer.BIAS_KEY);
        boolean there = bias == null
                ? GraphLayers.layer(base.configuration(), vertex)
                        .map(Unfrozen::of)
                        .flatMap(LayerKinds::weight)
                        .filter(WeightMatrix::isLinear)
                        .isPresent()
                : bias.length() == adapter.columns();
        if (adapter.adapter().scheme().biasOnB() && !(adapter.weight().single() && there)) {
            throw new IllegalArgumentException(
                    "B must not have a bias on '" + adapter.weight().name()
                            + "', to the results of which nothing can be added: leave it out of the targets, or do without a bias on B");
        }
    }
}
