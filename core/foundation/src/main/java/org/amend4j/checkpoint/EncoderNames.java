/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Set;

/** Module paths and tensors' names of an encoder with BERT's names: within a model with a head, they have its family's name in front. */
public record EncoderNames(EncoderConfig config) {

    private boolean isBert() {
        return config.family() == EncoderFamily.BERT;
    }

    /** The module path of the encoder, with a point behind; empty if it is the whole model. */
    public String prefix() {
        return config.head() instanceof EncoderHead.None ? "" : config.modelType() + ".";
    }

    /** The module of the tables. */
    public String embeddings() {
        return prefix() + "embeddings";
    }

    /** The tensor of the words' table. */
    public String words() {
        return embeddings() + ".word_embeddings.weight";
    }

    /** The tensor of the positions' table. */
    public String positions() {
        return embeddings() + ".position_embeddings.weight";
    }

    /** The tensor of the types' table. */
    public String types() {
        return embeddings() + ".token_type_embeddings.weight";
    }

    /** The module path of a layer, with a point behind. */
    public String layer(int index) {
        return prefix() + "encoder.layer." + index + ".";
    }

    /** The linear layer on the first token's row: BERT's pooler, or the first of RoBERTa's classifier. */
    public String pooler() {
        return isBert() || config.head() instanceof EncoderHead.None ? prefix() + "pooler.dense" : "classifier.dense";
    }

    /** The linear layer to the classes. */
    public String classifier() {
        return isBert() ? "classifier" : "classifier.out_proj";
    }

    /** The linear layer in front of the scores of words. */
    public String headDense() {
        return isBert() ? "cls.predictions.transform.dense" : "lm_head.dense";
    }

    /** The norm behind it. */
    public String headNorm() {
        return isBert() ? "cls.predictions.transform.LayerNorm" : "lm_head.layer_norm";
    }

    /** The module of the scores of words, products with their table. */
    public String scores() {
        return isBert() ? "cls.predictions" : "lm_head";
    }

    /** The tensor that is added to them. */
    public String headBias() {
        return scores() + ".bias";
    }

    /** What files with a head for words have beside: copies of the table and of the bias, and parts that it does not use. */
    boolean isBesideMaskedTokens(String name) {
        String decoder = scores() + ".decoder";
        return Set.of(
                        decoder + ".weight",
                        decoder + ".bias",
                        "cls.seq_relationship.weight",
                        "cls.seq_relationship.bias",
                        prefix() + "pooler.dense.weight",
                        prefix() + "pooler.dense.bias")
                .contains(name);
    }
}
