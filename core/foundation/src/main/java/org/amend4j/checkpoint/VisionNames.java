/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Module paths of a vision transformer. In a model with a head, they begin with the family's name, such as {@code vit.}. */
public record VisionNames(VisionConfig config) {

    /** The linear layer to the classes. */
    public static final String CLASSIFIER = "classifier";

    /** The module path of the encoder, with a point behind; empty if it is the whole model. */
    public String prefix() {
        return config.head() instanceof EncoderHead.None ? "" : config.modelType() + ".";
    }

    /** The module of the class token and the positions. */
    public String embeddings() {
        return prefix() + "embeddings";
    }

    /** The tensor of the class token. */
    public String classToken() {
        return embeddings() + ".cls_token";
    }

    /** The tensor of the positions. */
    public String positions() {
        return embeddings() + ".position_embeddings";
    }

    /** The tensor of the row of masked patches. */
    String maskToken() {
        return embeddings() + ".mask_token";
    }

    /** The module that turns patches into rows: a convolution with a stride as long as its kernel. */
    public String projection() {
        return embeddings() + ".patch_embeddings.projection";
    }

    /** The modules of a layer. */
    public VisionLayerNames layer(int index) {
        return VisionLayerNames.of(config.family(), prefix() + "encoder.layer." + index + ".");
    }

    /** The norm behind the last layer. */
    public String norm() {
        return prefix() + "layernorm";
    }

    /** The linear layer on the class token's row of a ViT without a head. */
    String pooler() {
        return prefix() + "pooler.dense";
    }
}
