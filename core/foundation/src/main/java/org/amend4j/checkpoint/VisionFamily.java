/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/** Vision transformers by their {@code model_type}, with what one family has and the others do not. */
public sealed interface VisionFamily {

    /** Hugging Face's name. */
    String modelType();

    /** What the names of Hugging Face's classes begin with. */
    String className();

    /** Whether the feed-forward part is down(silu(a) ∘ b), a and b the halves of what its first matrix makes. */
    boolean isGated();

    /** Whether the embeddings have a row for masked patches, which only training without labels puts in their place. */
    boolean hasMaskToken();

    /** ViT (Dosovitskiy et al., arXiv 2010.11929): classes are read of the class token's row. */
    record Vit() implements VisionFamily {

        static final String MODEL_TYPE = "vit";

        @Override
        public String modelType() {
            return MODEL_TYPE;
        }

        @Override
        public String className() {
            return "ViT";
        }

        @Override
        public boolean isGated() {
            return false;
        }

        @Override
        public boolean hasMaskToken() {
            return false;
        }
    }

    /**
     * DINOv2 (Oquab et al., arXiv 2304.07193): what a layer adds to its rows is scaled, column by column, and classes are read of the
     * class token's row with the mean of the patches' behind it.
     *
     * @param isGated {@code use_swiglu_ffn}
     * @param hasMaskToken {@code use_mask_token}
     */
    record Dinov2(boolean isGated, boolean hasMaskToken) implements VisionFamily {

        static final String MODEL_TYPE = "dinov2";

        @Override
        public String modelType() {
            return MODEL_TYPE;
        }

        @Override
        public String className() {
            return "Dinov2";
        }
    }
}
