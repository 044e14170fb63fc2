/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.generate.Projections.HeadNorms;

/** Makes decoders of Llama's family of their weights. */
record LlamaWeights(DecoderConfig config, WeightReader weights) {

    DecoderModel model() throws IOException {
        List<DecoderLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(layer));
        }
        String name = config.tiedEmbeddings() ? DecoderNames.EMBEDDINGS : DecoderNames.HEAD;
        Linear head = weights.head(name, config.vocabulary(), config.hiddenSize());
        Embedding embedding = new Embedding(
                weights.words(config, head, DecoderNames.EMBEDDING_TABLE),
                (float) config.embeddingFactor(),
                Optional.empty());
        double[] frequencies = config.rotary().frequencies(config.attention().headSize());
        return new DecoderModel(
                embedding,
                position -> Optional.of(new Rotation(frequencies, position)),
                config.attention().keyValueWidth(),
                layers,
                norm(DecoderNames.NORM),
                head);
    }

    private DecoderLayer layer(int index) throws IOException {
        String path = DecoderNames.layer(index);
        return new DecoderLayer(
                norm(path + "input_layernorm.weight"),
                attention(index, path + "self_attn."),
                norm(path + "post_attention_layernorm.weight"),
                feedForward(path + "mlp."));
    }

    private SelfAttention attention(int index, String path) throws IOException {
        AttentionShape shape = config.attention();
        int hidden = config.hiddenSize();
        boolean biased = shape.inputBias();
        Optional<HeadNorms> norms = config.family().hasHeadNorms()
                ? Optional.of(new HeadNorms(
                        norm(path + "q_norm.weight", shape.headSize()), norm(path + "k_norm.weight", shape.headSize())))
                : Optional.empty();
        Projections projections = new Projections.Separate(
                weights.linear(path + "q_proj", shape.queryWidth(), hidden, biased),
                weights.linear(path + "k_proj", shape.keyValueWidth(), hidden, biased),
                weights.linear(path + "v_proj", shape.keyValueWidth(), hidden, biased),
                norms);
        return new SelfAttention(
                projections,
                new Attention(shape.heads(), shape.keyValueHeads(), shape.headSize()),
                config.window(index).orElse(Integer.MAX_VALUE),
                weights.linear(path + "o_proj", hidden, shape.queryWidth(), shape.outputBias()));
    }

    private FeedForward feedForward(String path) throws IOException {
        int hidden = config.hiddenSize();
        int inner = config.intermediateSize();
        boolean biased = config.feedForwardBias();
        return new FeedForward.Gated(
                config.gate(),
                weights.linear(path + "gate_proj", inner, hidden, biased),
                weights.linear(path + "up_proj", inner, hidden, biased),
                weights.linear(path + "down_proj", hidden, inner, biased));
    }

    private Normalization norm(String name) throws IOException {
        return norm(name, config.hiddenSize());
    }

    private Normalization norm(String name, int width) throws IOException {
        float[] gain = weights.values(name, width).clone();
        if (config.family().hasGainsAroundOne()) {
            for (int i = 0; i < width; i++) {
                gain[i] += 1;
            }
        }
        return new Normalization(gain, Optional.empty(), config.rmsEpsilon());
    }
}
