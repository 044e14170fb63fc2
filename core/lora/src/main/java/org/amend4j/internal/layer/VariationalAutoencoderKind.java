/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.BIAS_KEY_SUFFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.ENCODER_PREFIX;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PZX_MEAN_B;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.PZX_MEAN_W;
import static org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer.WEIGHT_KEY_SUFFIX;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;

/** A variational autoencoder, which in a graph is its encoder: the layers up to the mean. */
public final class VariationalAutoencoderKind implements LayerKind<VariationalAutoencoder> {

    @Override
    public Class<VariationalAutoencoder> configuration() {
        return VariationalAutoencoder.class;
    }

    @Override
    public List<String> biases(VariationalAutoencoder layer) {
        Stream<String> encoder = IntStream.range(0, layer.getEncoderLayerSizes().length)
                .mapToObj(i -> ENCODER_PREFIX + i + BIAS_KEY_SUFFIX);
        return Stream.concat(encoder, Stream.of(PZX_MEAN_B)).toList();
    }

    @Override
    public Map<String, WeightMatrix> weights(VariationalAutoencoder layer) {
        Weights weights = new Weights();
        long width = layer.getNIn();
        int[] sizes = layer.getEncoderLayerSizes();
        for (int i = 0; i < sizes.length; i++) {
            weights.with(ENCODER_PREFIX + i + WEIGHT_KEY_SUFFIX, WeightMatrix.plain(width, sizes[i]));
            width = sizes[i];
        }
        return weights.with(PZX_MEAN_W, WeightMatrix.plain(width, layer.getNOut()))
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(VariationalAutoencoder layer, InputType from, InputType to) {
        String[] above = weights(layer).keySet().stream().skip(1).toArray(String[]::new);
        return ExampleProducts.at(to, weights(layer).keySet()).map(products -> products.withInner(above));
    }
}
