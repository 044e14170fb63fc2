/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How GGUF calls a tensor that has a name in Hugging Face's layout. */
final class GgufNames {

    private static final Pattern OF_LAYER =
            Pattern.compile("(?:model\\.layers|transformer\\.h|encoder\\.layer)\\.(\\d+)\\.(.+)");

    private static final Pattern PARAMETER = Pattern.compile("(.+)\\.(weight|bias)");

    private static final Map<String, String> MODULES = Map.ofEntries(
            Map.entry("model.embed_tokens", "token_embd"),
            Map.entry("model.norm", "output_norm"),
            Map.entry("lm_head", "output"),
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"),
            Map.entry("transformer.wte", "token_embd"),
            Map.entry("transformer.wpe", "position_embd"),
            Map.entry("transformer.ln_f", "output_norm"),
            Map.entry("ln_1", "attn_norm"),
            Map.entry("attn.c_attn", "attn_qkv"),
            Map.entry("attn.c_proj", "attn_output"),
            Map.entry("ln_2", "ffn_norm"),
            Map.entry("mlp.c_fc", "ffn_up"),
            Map.entry("mlp.c_proj", "ffn_down"),
            Map.entry("embeddings.word_embeddings", "token_embd"),
            Map.entry("embeddings.position_embeddings", "position_embd"),
            Map.entry("embeddings.token_type_embeddings", "token_types"),
            Map.entry("embeddings.LayerNorm", "token_embd_norm"),
            Map.entry("attention.self.query", "attn_q"),
            Map.entry("attention.self.key", "attn_k"),
            Map.entry("attention.self.value", "attn_v"),
            Map.entry("attention.output.dense", "attn_output"),
            Map.entry("attention.output.LayerNorm", "attn_output_norm"),
            Map.entry("intermediate.dense", "ffn_up"),
            Map.entry("output.dense", "ffn_down"),
            Map.entry("output.LayerNorm", "layer_output_norm"));

    private GgufNames() {}

    /** @throws IllegalArgumentException if GGUF has no name for it */
    static String of(String name) {
        Matcher layer = OF_LAYER.matcher(name);
        return layer.matches() ? "blk." + layer.group(1) + "." + parameter(layer.group(2)) : parameter(name);
    }

    private static String parameter(String name) {
        Matcher parts = PARAMETER.matcher(name);
        return Optional.of(parts)
                .filter(Matcher::matches)
                .flatMap(found -> Optional.ofNullable(MODULES.get(found.group(1))))
                .map(module -> module + "." + parts.group(2))
                .orElseThrow(() -> new IllegalArgumentException("GGUF has no name for the tensor " + name));
    }
}
