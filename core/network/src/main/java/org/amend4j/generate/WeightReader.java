/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.Weights;

/** Makes layers of named weights, and refuses arrays of another size. */
final class WeightReader {

    private final DecoderConfig config;
    private final Weights weights;

    WeightReader(DecoderConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
    }

    List<DecoderLayer> layers() throws IOException {
        List<DecoderLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(DecoderNames.layer(layer)));
        }
        return layers;
    }

    private DecoderLayer layer(String path) throws IOException {
        AttentionShape attention = config.attention();
        int hidden = config.hiddenSize();
        int inner = config.intermediateSize();
        boolean biased = attention.inputBias();
        boolean innerBiased = config.feedForwardBias();
        return new DecoderLayer(
                norm(path + "input_layernorm.weight"),
                linear(path + "self_attn.q_proj", attention.queryWidth(), hidden, biased),
                linear(path + "self_attn.k_proj", attention.keyValueWidth(), hidden, biased),
                linear(path + "self_attn.v_proj", attention.keyValueWidth(), hidden, biased),
                linear(path + "self_attn.o_proj", hidden, attention.queryWidth(), attention.outputBias()),
                norm(path + "post_attention_layernorm.weight"),
                linear(path + "mlp.gate_proj", inner, hidden, innerBiased),
                linear(path + "mlp.up_proj", inner, hidden, innerBiased),
                linear(path + "mlp.down_proj", hidden, inner, innerBiased));
    }

    RowNormalization norm(String name) throws IOException {
        return new RowNormalization(values(name, config.hiddenSize()), config.rmsEpsilon());
    }

    private Linear linear(String module, int outputs, int inputs, boolean biased) throws IOException {
        Matrix matrix = matrix(module + ".weight", outputs, inputs);
        return new Linear(module, matrix, biased ? Optional.of(values(module + ".bias", outputs)) : Optional.empty());
    }

    /** A linear without bias whose tensor is called otherwise than its module, or not. */
    Linear head() throws IOException {
        String name = config.tiedEmbeddings() ? DecoderNames.EMBEDDINGS : DecoderNames.HEAD;
        return new Linear("lm_head", matrix(name, config.vocabulary(), config.hiddenSize()), Optional.empty());
    }

    /** The table of embeddings as an array, where it is not the head. */
    Optional<float[]> table() throws IOException {
        return config.tiedEmbeddings()
                ? Optional.empty()
                : Optional.of(values(DecoderNames.EMBEDDINGS, (long) config.vocabulary() * config.hiddenSize()));
    }

    private Matrix matrix(String name, int outputs, int inputs) throws IOException {
        return Matrix.of(values(name, (long) outputs * inputs), outputs, inputs);
    }

    private float[] values(String name, long count) throws IOException {
        float[] values = weights.values(name);
        if (values.length != count) {
            throw new IllegalArgumentException(
                    "the weights '" + name + "' must have " + count + " values, got " + values.length);
        }
        return values;
    }
}
