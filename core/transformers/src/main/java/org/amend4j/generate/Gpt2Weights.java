/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.Gpt2Names;

/** Makes decoders of GPT-2s of their weights. */
record Gpt2Weights(Gpt2Config config, WeightReader weights) {

    DecoderModel model() throws IOException {
        List<DecoderLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(Gpt2Names.layer(layer)));
        }
        int width = config.hiddenSize();
        Linear head =
                weights.head(config.tiedEmbeddings() ? Gpt2Names.WORDS : Gpt2Names.HEAD, config.vocabulary(), width);
        float[] positions = weights.values(Gpt2Names.POSITIONS, (long) config.positions() * width);
        Lookup places = new Lookup(Gpt2Names.POSITION_TABLE, Table.of(positions, width), config.positions(), width);
        Embedding embedding = new Embedding(weights.words(config, head, Gpt2Names.WORD_TABLE), 1, Optional.of(places));
        return new DecoderModel(embedding, position -> Optional.empty(), width, layers, norm(Gpt2Names.NORM), head);
    }

    private DecoderLayer layer(String path) throws IOException {
        int hidden = config.hiddenSize();
        int inner = config.innerSize();
        Projections projections =
                new Projections.Fused(weights.linear(path + "attn.c_attn", 3 * hidden, hidden, true), hidden, hidden);
        SelfAttention attention = new SelfAttention(
                projections,
                new Attention(config.heads(), config.heads(), hidden / config.heads()),
                Integer.MAX_VALUE,
                weights.linear(path + "attn.c_proj", hidden, hidden, true));
        FeedForward feedForward = new FeedForward.Plain(
                config.activation(),
                weights.linear(path + "mlp.c_fc", inner, hidden, true),
                weights.linear(path + "mlp.c_proj", hidden, inner, true));
        return new DecoderLayer(norm(path + "ln_1"), attention, norm(path + "ln_2"), feedForward);
    }

    private Normalization norm(String module) throws IOException {
        float[] bias = weights.values(module + ".bias", config.hiddenSize());
        return new Normalization(
                weights.values(module + ".weight", config.hiddenSize()),
                Optional.of(new Normalization.Bias(module, bias)),
                config.epsilon());
    }
}
