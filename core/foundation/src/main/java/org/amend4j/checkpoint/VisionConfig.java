/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;

/**
 * What a vision transformer computes (ViT; Dosovitskiy et al., arXiv 2010.11929): rows x of a class token and the patches of a picture,
 * with positions; in every layer x = x + output(attention(norm x)), then x = x + output(a(intermediate(norm x))); a norm at the end.
 *
 * @param head nothing, or a classifier on the class token's row
 * @param imageSize height and width of pictures, a multiple of {@code patchSize}
 * @param patchSize height and width of patches, >= 1
 * @param channels of pictures, >= 1
 * @param hiddenSize numbers in a row, a multiple of {@code heads}
 * @param intermediateSize numbers between the feed-forward part's matrices, >= 1
 * @param layers >= 1
 * @param heads of attention, >= 1
 * @param attentionBias whether the projections to queries, keys and values have biases
 * @param epsilon added to variances, > 0
 * @param activation a in the feed-forward part
 */
public record VisionConfig(
        EncoderHead head,
        int imageSize,
        int patchSize,
        int channels,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        boolean attentionBias,
        double epsilon,
        HiddenActivation activation)
        implements TransformerConfig {

    /** Its {@code model_type}. */
    static final String VIT = "vit";

    /** Patches along a side, so that rows of a picture are no more than an array has. */
    private static final int MOST_PATCHES = 46_340;

    /** Checks the sizes. */
    public VisionConfig {
        Objects.requireNonNull(head, "head");
        Objects.requireNonNull(activation, "activation");
        Checks.atLeast(1, "image_size", imageSize);
        Checks.atLeast(1, "patch_size", patchSize);
        Checks.atLeast(1, "num_channels", channels);
        Checks.atLeast(1, "hidden_size", hiddenSize);
        Checks.atLeast(1, "intermediate_size", intermediateSize);
        Checks.atLeast(1, "num_hidden_layers", layers);
        Checks.atLeast(1, "num_attention_heads", heads);
        Checks.positive("layer_norm_eps", epsilon);
        requireMultiple("image_size", imageSize, "patch_size", patchSize);
        requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        if (imageSize / patchSize > MOST_PATCHES || (long) patchSize * patchSize > Integer.MAX_VALUE / channels) {
            throw new IllegalArgumentException("patches and their numbers must be fewer than 2^31, got pictures of "
                    + imageSize + " and patches of " + patchSize + " with " + channels + " channels");
        }
        if (head instanceof EncoderHead.MaskedTokens) {
            throw new IllegalArgumentException("a vision transformer has no tokens to be masked");
        }
    }

    private static void requireMultiple(String name, int value, String of, int divisor) {
        if (value % divisor != 0) {
            throw new IllegalArgumentException(
                    name + " must be a multiple of " + of + ", got " + value + " and " + divisor);
        }
    }

    @Override
    public String modelType() {
        return VIT;
    }

    /** How many patches a picture has. */
    public int patches() {
        return imageSize / patchSize * (imageSize / patchSize);
    }

    /** Numbers in a patch. */
    public int patchWidth() {
        return channels * patchSize * patchSize;
    }

    /** This, with another head. */
    public VisionConfig withHead(EncoderHead other) {
        return new VisionConfig(
                other,
                imageSize,
                patchSize,
                channels,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                attentionBias,
                epsilon,
                activation);
    }
}
