/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The fields of a decoder's {@code config.json}. */
final class DecoderConfigWriter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final DecoderConfig config;
    private final ObjectNode object = JSON.createObjectNode();

    DecoderConfigWriter(DecoderConfig config) {
        this.config = config;
    }

    ObjectNode object() {
        object.putArray("architectures").add(architecture());
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
        putIds();
        return object;
    }

    private String architecture() {
        return switch (config.family()) {
            case LLAMA -> "LlamaForCausalLM";
            case MISTRAL -> "MistralForCausalLM";
            case QWEN2 -> "Qwen2ForCausalLM";
        };
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
            case QWEN2 -> {
                object.put("use_sliding_window", attention.window().isPresent());
                attention.window().ifPresent(window -> {
                    object.put("sliding_window", window.size());
                    object.put("max_window_layers", window.firstLayer());
                });
            }
        }
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

    /** Null says that there is none; left out, a family's usual ids would be meant. */
    private void putIds() {
        if (config.ids().start().isPresent()) {
            object.put("bos_token_id", config.ids().start().getAsInt());
        } else {
            object.putNull("bos_token_id");
        }
        List<Integer> ends = config.ids().ends();
        object.set("eos_token_id", JSON.valueToTree(ends.isEmpty() ? null : ends.size() == 1 ? ends.get(0) : ends));
    }
}
