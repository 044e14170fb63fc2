/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** An autoencoder, which in a graph is a dense layer. */
public final class AutoEncoderKind implements LayerKind<AutoEncoder> {

    @Override
    public Class<AutoEncoder> configuration() {
        return AutoEncoder.class;
    }

    @Override
    public List<String> biases(AutoEncoder layer) {
        return List.of(DefaultParamInitializer.BIAS_KEY); // not the visible bias, which is for pretraining
    }

    @Override
    public Map<String, WeightMatrix> weights(AutoEncoder layer) {
        return Weights.of(DefaultParamInitializer.WEIGHT_KEY, WeightMatrix.plain(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Optional<ExampleProducts> products(AutoEncoder layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet());
    }
}
