/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** A classifier whose loss also draws features to their class's centre. */
public final class CenterLossKind implements LayerKind<CenterLossOutputLayer> {

    @Override
    public Class<CenterLossOutputLayer> configuration() {
        return CenterLossOutputLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(CenterLossOutputLayer layer) {
        return Weights.of(DefaultParamInitializer.WEIGHT_KEY, WeightMatrix.plain(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Optional<ExampleProducts> products(CenterLossOutputLayer layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet());
    }

    @Override
    public Optional<String> gradientObstacle() {
        return Optional.of("moves its centres by a rule that is not a gradient");
    }
}
