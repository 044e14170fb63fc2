/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.lora.effective.EffectiveWeight;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Makes a plain network of a model: its adapted weights and everything else that trained, in the base's places. */
final class Merging {

    private final AdaptedModel model;

    Merging(AdaptedModel model) {
        this.model = model;
    }

    /** @throws IllegalArgumentException if a merged weight is NaN or infinite */
    MergedModel merged() {
        ComputationGraph merged = model.base().plainCopy();
        merged.getConfiguration().setIterationCount(0);
        merged.getConfiguration().setEpochCount(0);
        for (AdaptedBias bias : model.biases()) {
            INDArray values = require(merged.getVertex(bias.vertex()).paramTable(false), bias.parameter());
            values.assign(model.parameter(bias.vertex(), bias.parameter()).reshape(values.shape()));
            requireFinite(bias.vertex(), bias.parameter(), values);
        }
        for (WeightAdapter adapter : model.weights()) {
            write(adapter, merged.getVertex(adapter.weight().vertex()).paramTable(false));
        }
        for (AdaptedTokens tokens : model.tokens()) {
            write(tokens, merged);
        }
        model.tokensOfHeads().forEach(tokens -> write(tokens, merged));
        for (String name : model.trainedInFull()) {
            merged.getLayer(name).paramTable().forEach((key, values) -> {
                values.assign(model.parameter(name, key));
                requireFinite(name, key, values);
            });
        }
        return new MergedModel(merged, model.base());
    }

    private void write(AdaptedTokens tokens, ComputationGraph merged) {
        String name = tokens.vertex();
        Layer layer = merged.getLayer(name).conf().getLayer();
        INDArray table = Tokens.mergeInPlace(
                Unfrozen.of(layer),
                tokens,
                model.parameter(name, TrainsTokens.ROWS),
                merged.getVertex(name).paramTable(false));
        requireFinite(name, DefaultParamInitializer.WEIGHT_KEY, table);
    }

    private void write(WeightAdapter adapter, Map<String, INDArray> parameters) {
        AdaptedWeight of = adapter.weight();
        Map<String, INDArray> trained = model.graph().getVertex(of.vertex()).paramTable(false);
        INDArray weight = require(parameters, of.parameter());
        new EffectiveWeight(
                        adapter.adapter().scaling(),
                        adapter.adapter().scheme().dora(),
                        AdaptableWeights.of(model.base().configuration(), of.vertex(), of.parameter()),
                        require(trained, of.keyOfA()),
                        require(trained, of.keyOfB()),
                        Optional.ofNullable(trained.get(of.keyOfMagnitude())))
                .write(require(model.standing().model().parameters(of.vertex()), of.parameter()), weight);
        requireFinite(of.vertex(), of.parameter(), weight);
        INDArray biasOnB = trained.get(of.keyOfBiasOnB());
        if (biasOnB != null) {
            INDArray bias = parameters.get(DefaultParamInitializer.BIAS_KEY);
            if (bias == null) {
                throw new IllegalArgumentException(
                        "the layer '" + of.vertex() + "' has no bias that the bias on B could be"
                                + " merged into: use the adapter on its base, or train it without a bias on B");
            }
            bias.addi(biasOnB.mul(adapter.adapter().scaling()).reshape(bias.shape()));
            requireFinite(of.vertex(), DefaultParamInitializer.BIAS_KEY, bias);
        }
    }

    private static INDArray require(Map<String, INDArray> table, String key) {
        return Objects.requireNonNull(table.get(key), key);
    }

    private static void requireFinite(String name, String key, INDArray values) {
        if (!BaseModel.isFinite(values)) {
            throw new IllegalArgumentException(
                    "a merged weight must be finite, got NaN or infinity in '" + key + "' of layer '" + name + "'");
        }
    }
}
