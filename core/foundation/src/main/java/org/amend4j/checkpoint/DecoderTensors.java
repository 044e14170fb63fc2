/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The tensors of a model of Llama's family. */
record DecoderTensors(DecoderConfig config) implements ModelTensors {

    /** Tables that older releases saved and that follow from the configuration. */
    private static final Pattern DERIVED =
            Pattern.compile("model\\.(layers\\.\\d{1,9}\\.self_attn\\.)?rotary_emb\\.(inv_freq|cos_cached|sin_cached)");

    @Override
    public Map<String, List<Long>> outside() {
        Shapes shapes = new Shapes()
                .matrix(DecoderNames.EMBEDDINGS, config.vocabulary(), config.hiddenSize())
                .vector(DecoderNames.NORM, config.hiddenSize());
        if (!config.tiedEmbeddings()) {
            shapes.matrix(DecoderNames.HEAD, config.vocabulary(), config.hiddenSize());
        }
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> ofLayer(int index) {
        String layer = DecoderNames.layer(index);
        AttentionShape attention = config.attention();
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        boolean bias = config.feedForwardBias();
        Shapes shapes = new Shapes();
        if (config.family().hasHeadNorms()) {
            shapes.vector(layer + "self_attn.q_norm.weight", attention.headSize())
                    .vector(layer + "self_attn.k_norm.weight", attention.headSize());
        }
        return shapes.vector(layer + "input_layernorm.weight", hidden)
                .vector(layer + "post_attention_layernorm.weight", hidden)
                .linear(layer + "self_attn.q_proj", attention.queryWidth(), hidden, attention.inputBias())
                .linear(layer + "self_attn.k_proj", attention.keyValueWidth(), hidden, attention.inputBias())
                .linear(layer + "self_attn.v_proj", attention.keyValueWidth(), hidden, attention.inputBias())
                .linear(layer + "self_attn.o_proj", hidden, attention.queryWidth(), attention.outputBias())
                .linear(layer + "mlp.gate_proj", inner, hidden, bias)
                .linear(layer + "mlp.up_proj", inner, hidden, bias)
                .linear(layer + "mlp.down_proj", hidden, inner, bias)
                .all();
    }

    /** Models without a head are saved without the name of their decoder in front. */
    @Override
    public String canonical(String stored) {
        boolean whole = stored.startsWith(DecoderNames.PREFIX) || stored.equals(DecoderNames.HEAD);
        return whole ? stored : DecoderNames.PREFIX + stored;
    }

    @Override
    public boolean isIgnored(String name) {
        return DERIVED.matcher(name).matches() || copies().containsKey(name);
    }

    @Override
    public Map<String, String> copies() {
        return config.tiedEmbeddings() ? Map.of(DecoderNames.HEAD, DecoderNames.EMBEDDINGS) : Map.of();
    }
}
