/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.ProductKeys;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.internal.network.TrainsInProduct;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** A configuration on a base whose parameters are the factors of adapters, and what their scheme trains besides. */
public interface CarriesAdapters extends StandsOnBase, TrainsInProduct {

    /** The adapters, in the order of their factors. */
    List<WeightAdapter> adapters();

    /** Biases that train too, behind the factors. */
    default List<AdaptedBias> biases() {
        return List.of();
    }

    /** Probability in [0, 1) with which an input of A is dropped in training; the highest of all adapters'. */
    default double dropout() {
        return adapters().stream()
                .mapToDouble(one -> one.adapter().dropout())
                .max()
                .orElse(0);
    }

    /** Of a layer with one weight. */
    @Override
    default ProductKeys productKeys() {
        Optional<WeightAdapter> adapter = adapters().stream().findFirst();
        boolean biased = biases().stream().anyMatch(bias -> bias.parameter().equals(DefaultParamInitializer.BIAS_KEY));
        return new ProductKeys(
                adapter.map(one -> new ProductKeys.Factors(
                        one.weight().keyOfA(),
                        one.weight().keyOfB(),
                        one.adapter().rank(),
                        one.adapter().scaling(),
                        one.adapter().dropout())),
                adapter.filter(one -> one.adapter().scheme().hasMagnitude())
                        .map(one -> one.weight().keyOfMagnitude()),
                adapter.filter(one -> one.adapter().scheme().dora() == Dora.TRUE_GRADIENT)
                        .isPresent(),
                biased ? Optional.of(DefaultParamInitializer.BIAS_KEY) : Optional.empty(),
                adapter.filter(one -> one.adapter().scheme().biasOnB())
                        .map(one -> one.weight().keyOfBiasOnB()));
    }
}
