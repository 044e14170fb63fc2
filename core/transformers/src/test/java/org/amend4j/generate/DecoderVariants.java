/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.testkit.TinyCheckpoint;

/** Tiny decoders of all families, with what they may have. */
final class DecoderVariants {

    private DecoderVariants() {}

    /** A model, and what it is called. */
    record Variant(String name, Map<String, Object> fields) {

        TinyCheckpoint tiny() {
            TinyCheckpoint tiny =
                    "gpt2".equals(fields.get("model_type")) ? TinyCheckpoint.gpt2(3) : TinyCheckpoint.llama(3);
            fields.forEach(tiny::with);
            return tiny.filled();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static final Variant WINDOW = new Variant("a sliding window", Map.of("model_type", "mistral", "sliding_window", 5));

    static Stream<Variant> variants() {
        return Stream.of(
                new Variant("llama", Map.of()),
                new Variant("a head of keys and values for each of queries", Map.of("num_key_value_heads", 4)),
                new Variant("one head of keys and values", Map.of("num_key_value_heads", 1)),
                new Variant("heads wider than rows", Map.of("head_dim", 10)),
                new Variant("heads of two numbers", Map.of("head_dim", 2)),
                new Variant("tied", Map.of("tie_word_embeddings", true)),
                new Variant("biases of attention", Map.of("attention_bias", true)),
                new Variant("biases of the feed-forward part", Map.of("mlp_bias", true)),
                new Variant("another theta and epsilon", Map.of("rope_theta", 100.0, "rms_norm_eps", 0.1)),
                new Variant("scaled positions", Map.of("rope_scaling", Map.of("rope_type", "linear", "factor", 2.5))),
                new Variant("gelu", Map.of("hidden_act", "gelu")),
                new Variant("gelu by tanh", Map.of("hidden_act", "gelu_pytorch_tanh")),
                new Variant("odd sizes", Map.of("hidden_size", 9, "head_dim", 6, "intermediate_size", 13)),
                new Variant("several slices", Map.of("vocab_size", 1030, "intermediate_size", 530)),
                new Variant("matrices to pack", Map.of("hidden_size", 256, "intermediate_size", 1030)),
                WINDOW,
                new Variant("a window of one", Map.of("model_type", "mistral", "sliding_window", 1)),
                new Variant("a window that all fit in", Map.of("model_type", "mistral", "sliding_window", 60)),
                new Variant("qwen2", Map.of("model_type", "qwen2")),
                new Variant(
                        "a window in upper layers",
                        Map.of(
                                "model_type",
                                "qwen2",
                                "use_sliding_window",
                                true,
                                "sliding_window",
                                4,
                                "max_window_layers",
                                2)),
                new Variant("qwen3", Map.of("model_type", "qwen3", "head_dim", 6)),
                new Variant(
                        "qwen3 with biases and a window",
                        Map.of(
                                "model_type",
                                "qwen3",
                                "head_dim",
                                8,
                                "attention_bias",
                                true,
                                "use_sliding_window",
                                true,
                                "sliding_window",
                                4,
                                "max_window_layers",
                                1)),
                new Variant("gpt2", Map.of("model_type", "gpt2")),
                new Variant("gpt2 with matrices to pack", Map.of("model_type", "gpt2", "n_embd", 256)),
                new Variant(
                        "gpt2 with a head and another activation, of heads of odd sizes",
                        Map.of(
                                "model_type",
                                "gpt2",
                                "tie_word_embeddings",
                                false,
                                "activation_function",
                                "silu",
                                "layer_norm_epsilon",
                                0.1,
                                "n_embd",
                                15,
                                "n_head",
                                3)),
                new Variant("gemma", Map.of("model_type", "gemma", "head_dim", 6, "hidden_act", "gelu_pytorch_tanh")),
                new Variant(
                        "gemma with wide heads, tied",
                        Map.of(
                                "model_type",
                                "gemma",
                                "head_dim",
                                10,
                                "num_key_value_heads",
                                1,
                                "hidden_act",
                                "gelu_pytorch_tanh",
                                "tie_word_embeddings",
                                true)));
    }
}
