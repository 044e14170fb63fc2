/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of a GPT-2's {@code config.json}. */
record Gpt2ConfigWriter(Gpt2Config config) {

    ObjectNode object() {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.putArray("architectures").add(config.architecture());
        object.put("model_type", config.modelType());
        object.put("vocab_size", config.vocabulary());
        object.put("n_embd", config.hiddenSize());
        object.put("n_inner", config.innerSize());
        object.put("n_layer", config.layers());
        object.put("n_head", config.heads());
        object.put("n_positions", config.positions());
        object.put("layer_norm_epsilon", config.epsilon());
        object.put("activation_function", config.activation().hiddenAct());
        object.put("tie_word_embeddings", config.tiedEmbeddings());
        object.put("torch_dtype", "float32");
        config.ids().putInto(object);
        return object;
    }
}
