/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of a vision transformer's {@code config.json}. */
record VisionConfigWriter(VisionConfig config) {

    private static final ObjectMapper JSON = new ObjectMapper();

    ObjectNode object() {
        ObjectNode object = JSON.createObjectNode();
        object.putArray("architectures").add(config.architecture());
        object.put("model_type", config.modelType());
        object.put("image_size", config.imageSize());
        object.put("patch_size", config.patchSize());
        object.put("num_channels", config.channels());
        object.put("hidden_size", config.hiddenSize());
        object.put("num_hidden_layers", config.layers());
        object.put("num_attention_heads", config.heads());
        object.put("qkv_bias", config.attentionBias());
        object.put("layer_norm_eps", config.epsilon());
        object.put("hidden_act", config.activation().hiddenAct());
        if (config.family() instanceof VisionFamily.Dinov2 dino) {
            put(dino, object);
        } else {
            object.put("intermediate_size", config.intermediateSize());
        }
        object.put("torch_dtype", "float32");
        if (config.head() instanceof EncoderHead.Classifier classifier) {
            ClassLabels.put(object, classifier.labels());
        }
        return object;
    }

    private void put(VisionFamily.Dinov2 family, ObjectNode object) {
        boolean gated = family.isGated();
        double ratio = FeedForwardRatio.ratio(config.hiddenSize(), config.intermediateSize(), gated);
        if (ratio == Math.rint(ratio)) {
            object.put("mlp_ratio", (int) ratio);
        } else {
            object.put("mlp_ratio", ratio);
        }
        object.put("use_swiglu_ffn", gated);
        object.put("use_mask_token", family.hasMaskToken());
    }
}
