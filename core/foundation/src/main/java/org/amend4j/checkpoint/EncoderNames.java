/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.stream.Stream;

/** Module paths and tensor names of an encoder. In a model with a head, they begin with the family's name. */
public record EncoderNames(EncoderConfig config) {

    private <T> T choose(T bert, T roberta, T distilBert) {
        return switch (config.family()) {
            case BERT -> bert;
            case ROBERTA -> roberta;
            case DISTILBERT -> distilBert;
        };
    }

    /** The module path of the encoder, with a point behind; empty if it is the whole model. */
    public String prefix() {
        return config.head() instanceof EncoderHead.None ? "" : prefixUnderHead();
    }

    /** What the prefix is, or would be, under a head. */
    public String prefixUnderHead() {
        return config.modelType() + ".";
    }

    /** The module of the tables. */
    public String embeddings() {
        return prefix() + "embeddings";
    }

    /** The module of the words' table. */
    public String wordEmbeddings() {
        return embeddings() + ".word_embeddings";
    }

    /** The tensor of the words' table. */
    public String words() {
        return wordEmbeddings() + ".weight";
    }

    /** The tensor of the positions' table. */
    public String positions() {
        return embeddings() + ".position_embeddings.weight";
    }

    /** The tensor of the types' table. */
    public String types() {
        return embeddings() + ".token_type_embeddings.weight";
    }

    /** The modules of a layer. */
    public EncoderLayerNames layer(int index) {
        String bert = prefix() + "encoder.layer." + index + ".";
        String distilBert = prefix() + "transformer.layer." + index + ".";
        EncoderLayerNames ofBert = EncoderLayerNames.bert(bert);
        return choose(ofBert, ofBert, EncoderLayerNames.distilBert(distilBert));
    }

    /** The linear layer on the first token's row: BERT's pooler, or the first of another's classifier. */
    public String pooler() {
        String alone = prefix() + "pooler.dense";
        return config.head() instanceof EncoderHead.None ? alone : choose(alone, "classifier.dense", "pre_classifier");
    }

    /** The linear layer to the classes. */
    public String classifier() {
        return choose("classifier", "classifier.out_proj", "classifier");
    }

    /** The layers that are of a classifier alone, as Hugging Face PEFT trains them in full. */
    public List<String> ownOfClassifier() {
        return choose(List.of(classifier()), List.of(pooler(), classifier()), List.of("pre_classifier", "classifier"));
    }

    /** The linear layer in front of the scores of words. */
    public String headDense() {
        return choose("cls.predictions.transform.dense", "lm_head.dense", "vocab_transform");
    }

    /** The norm behind it. */
    public String headNorm() {
        return choose("cls.predictions.transform.LayerNorm", "lm_head.layer_norm", "vocab_layer_norm");
    }

    /** The module of the scores of words, products with their table. */
    public String scores() {
        return choose("cls.predictions.decoder", "lm_head.decoder", "vocab_projector");
    }

    /** The tensor that is added to them. */
    public String headBias() {
        return choose("cls.predictions", "lm_head", "vocab_projector") + ".bias";
    }

    /** A pooler that RoBERTa's classifiers have in their files, and do not use. */
    boolean isUnusedPooler(String name) {
        String unused = prefix() + "pooler.dense";
        return config.head() instanceof EncoderHead.Classifier
                && !pooler().equals(unused)
                && (name.equals(unused + ".weight") || name.equals(unused + ".bias"));
    }

    /**
     * Whether a file with a head for words has this tensor in addition: copies of the table and of the bias, and parts
     * that the head does not use.
     */
    boolean isBesideMaskedTokens(String name) {
        Stream<String> unused = config.family().isTyped()
                ? Stream.of("cls.seq_relationship", prefix() + "pooler.dense")
                : Stream.empty();
        return Stream.concat(Stream.of(scores()), unused)
                .anyMatch(module -> name.equals(module + ".weight") || name.equals(module + ".bias"));
    }
}
