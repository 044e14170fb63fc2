/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of a decoder's {@code config.json}. */
final class DecoderConfigWriter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final DecoderConfig config;
    private final ObjectNode object = JSON.createObjectNode();

    DecoderConfigWriter(DecoderConfig config) {
        this.config = config;
    }

    ObjectNode object() {
        object.putArray("architectures").add(config.architecture());
        object.put("model_type", config.modelType());
        object.put("vocab_size", config.vocabulary());
        object.put("hidden_size", config.hiddenSize());
        object.put("intermediate_size", config.intermediateSize());
        object.put("num_hidden_layers", config.layers());
        object.put("max_position_embeddings", config.longest());
        object.put("rms_norm_eps", config.rmsEpsilon());
        object.put("hidden_act", config.gate().hiddenAct());
        object.put("tie_word_embeddings", config.tiedEmbeddings());
        object.put("torch_dtype", "float32");
        putAttention();
        putRotary();
        config.ids().putInto(object);
        return object;
    }

    private void putAttention() {
        AttentionShape attention = config.attention();
        object.put("num_attention_heads", attention.heads());
        object.put("num_key_value_heads", attention.keyValueHeads());
        object.put("head_dim", attention.headSize());
        switch (config.family()) {
            case LLAMA -> {
                object.put("attention_bias", attention.outputBias());
                object.put("mlp_bias", config.feedForwardBias());
            }
            case MISTRAL ->
                object.set(
                        "sliding_window",
                        JSON.valueToTree(
                                attention.window().map(SlidingWindow::size).orElse(null)));
            case QWEN2 -> putUpperWindow(attention);
            case QWEN3 -> {
                object.put("attention_bias", attention.outputBias());
                putUpperWindow(attention);
            }
            case GEMMA -> {
                object.put("attention_bias", attention.outputBias());
                object.put("hidden_activation", config.gate().hiddenAct()); // releases differ in which they read
            }
        }
    }

    private void putUpperWindow(AttentionShape attention) {
        object.put("use_sliding_window", attention.window().isPresent());
        attention.window().ifPresent(window -> {
            object.put("sliding_window", window.size());
            object.put("max_window_layers", window.firstLayer());
        });
    }

    private void putRotary() {
        object.put("rope_theta", config.rotary().theta());
        RotaryScaling scaling = config.rotary().scaling();
        if (scaling instanceof RotaryScaling.None) {
            object.putNull("rope_scaling");
            return;
        }
        ObjectNode rope = object.putObject("rope_scaling");
        if (scaling instanceof RotaryScaling.Linear linear) {
            rope.put("rope_type", "linear");
            rope.put("factor", linear.factor());
        } else if (scaling instanceof RotaryScaling.Llama3 llama) {
            rope.put("rope_type", "llama3");
            rope.put("factor", llama.factor());
            rope.put("low_freq_factor", llama.lowTurns());
            rope.put("high_freq_factor", llama.highTurns());
            rope.put("original_max_position_embeddings", llama.originalPositions());
        }
    }
}
