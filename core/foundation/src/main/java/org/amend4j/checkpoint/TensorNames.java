/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Names and shapes of the tensors that a configuration asks for; matrices are [outputs, inputs]. */
public final class TensorNames {

    /** The table of embeddings, [vocabulary, hidden]. */
    public static final String EMBEDDINGS = "model.embed_tokens.weight";
    /** The last norm. */
    public static final String NORM = "model.norm.weight";
    /** The head, [vocabulary, hidden]; not there if it is tied. */
    public static final String HEAD = "lm_head.weight";

    /** Tables that older releases saved and that follow from the configuration. */
    private static final Pattern DERIVED =
            Pattern.compile("model\\.(layers\\.\\d{1,9}\\.self_attn\\.)?rotary_emb\\.(inv_freq|cos_cached|sin_cached)");

    private TensorNames() {}

    /** The module path of a layer, with a point behind. */
    public static String layer(int index) {
        return "model.layers." + index + ".";
    }

    /** Whether a tensor says nothing that is not known without it. */
    static boolean isIgnored(String name, TransformerConfig config) {
        return DERIVED.matcher(name).matches() || (config.tiedEmbeddings() && name.equals(HEAD));
    }

    /** The tensors outside of layers. */
    static Map<String, List<Long>> outside(TransformerConfig config) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        long hidden = config.hiddenSize();
        shapes.put(EMBEDDINGS, List.of((long) config.vocabulary(), hidden));
        shapes.put(NORM, List.of(hidden));
        if (!config.tiedEmbeddings()) {
            shapes.put(HEAD, List.of((long) config.vocabulary(), hidden));
        }
        return shapes;
    }

    /** The tensors of a layer. */
    static Map<String, List<Long>> ofLayer(TransformerConfig config, int index) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        String layer = layer(index);
        AttentionShape attention = config.attention();
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        shapes.put(layer + "input_layernorm.weight", List.of(hidden));
        shapes.put(layer + "post_attention_layernorm.weight", List.of(hidden));
        linear(shapes, layer + "self_attn.q_proj", attention.queryWidth(), hidden, attention.inputBias());
        for (String projection : List.of("k_proj", "v_proj")) {
            linear(shapes, layer + "self_attn." + projection, attention.keyValueWidth(), hidden, attention.inputBias());
        }
        linear(shapes, layer + "self_attn.o_proj", hidden, attention.queryWidth(), attention.outputBias());
        linear(shapes, layer + "mlp.gate_proj", inner, hidden, config.feedForwardBias());
        linear(shapes, layer + "mlp.up_proj", inner, hidden, config.feedForwardBias());
        linear(shapes, layer + "mlp.down_proj", hidden, inner, config.feedForwardBias());
        return shapes;
    }

    private static void linear(
            Map<String, List<Long>> shapes, String module, long outputs, long inputs, boolean biased) {
        shapes.put(module + ".weight", List.of(outputs, inputs));
        if (biased) {
            shapes.put(module + ".bias", List.of(outputs));
        }
    }
}
