/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.CarriesAdapters;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.layer.LoraProduct.Gradients;
import org.amend4j.lora.layer.Trained.Adapter;
import org.amend4j.lora.layer.Trained.Vectors;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Under which keys a layer has what trains in its product.
 *
 * @param adapter of the layer's only weight, if that has one
 * @param vectors keys of those that train
 */
record ProductKeys(Optional<WeightAdapter> adapter, Vectors<String> vectors) {

    /** @param carrier with one weight */
    static ProductKeys of(CarriesAdapters carrier) {
        Optional<WeightAdapter> adapter = carrier.adapters().stream().findFirst();
        List<String> biases =
                carrier.biases().stream().map(AdaptedBias::parameter).toList();
        return new ProductKeys(
                adapter,
                new Vectors<>(
                        adapter.filter(one -> one.adapter().scheme().hasMagnitude())
                                .map(one -> one.weight().keyOfMagnitude()),
                        Optional.of(DefaultParamInitializer.BIAS_KEY).filter(biases::contains),
                        adapter.filter(one -> one.adapter().scheme().biasOnB())
                                .map(one -> one.weight().keyOfBiasOnB())));
    }

    /** What trains. */
    Trained trained(Map<String, INDArray> parameters) {
        return new Trained(
                adapter.map(one -> Adapter.of(
                        require(parameters, one.weight().keyOfA()),
                        require(parameters, one.weight().keyOfB()),
                        one.adapter().scaling(),
                        one.adapter().dropout())),
                vectors(parameters),
                adapter.filter(one -> one.adapter().scheme().dora() == Dora.TRUE_GRADIENT)
                        .isPresent());
    }

    /** Where its gradients go. */
    Gradients gradients(Map<String, INDArray> views) {
        return new Gradients(
                adapter.map(one -> new Gradients.Factors(
                        require(views, one.weight().keyOfA()),
                        require(views, one.weight().keyOfB()))),
                vectors(views));
    }

    private Vectors<INDArray> vectors(Map<String, INDArray> arrays) {
        return new Vectors<>(
                vectors.magnitude().map(key -> require(arrays, key)),
                vectors.bias().map(key -> require(arrays, key)),
                vectors.biasOnB().map(key -> require(arrays, key)));
    }

    private static INDArray require(Map<String, INDArray> arrays, String key) {
        return Objects.requireNonNull(arrays.get(key), key);
    }
}
