/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of an encoder's {@code config.json}. */
record EncoderConfigWriter(EncoderConfig config) {

    private static final ObjectMapper JSON = new ObjectMapper();

    ObjectNode object() {
        ObjectNode object = JSON.createObjectNode();
        object.putArray("architectures").add(config.architecture());
        object.put("model_type", config.modelType());
        object.put("vocab_size", config.vocabulary());
        if (config.family() == EncoderFamily.DISTILBERT) {
            putDistilBert(object);
        } else {
            putBert(object);
        }
        config.padding().ifPresent(id -> object.put("pad_token_id", id));
        object.put("torch_dtype", "float32");
        if (config.head() instanceof EncoderHead.Classifier classifier) {
            ClassLabels.put(object, classifier.labels());
        }
        return object;
    }

    private void putBert(ObjectNode object) {
        object.put("hidden_size", config.hiddenSize());
        object.put("intermediate_size", config.intermediateSize());
        object.put("num_hidden_layers", config.layers());
        object.put("num_attention_heads", config.heads());
        object.put("max_position_embeddings", config.positions());
        object.put("type_vocab_size", config.types());
        object.put("layer_norm_eps", config.epsilon());
        object.put("hidden_act", config.activation().hiddenAct());
        object.put("position_embedding_type", "absolute");
    }

    private void putDistilBert(ObjectNode object) {
        object.put("dim", config.hiddenSize());
        object.put("hidden_dim", config.intermediateSize());
        object.put("n_layers", config.layers());
        object.put("n_heads", config.heads());
        object.put("max_position_embeddings", config.positions());
        object.put("sinusoidal_pos_embds", false);
        object.put("activation", config.activation().hiddenAct());
    }
}
