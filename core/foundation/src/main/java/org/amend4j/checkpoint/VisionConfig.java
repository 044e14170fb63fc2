/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;

/**
 * What a vision transformer computes (ViT; Dosovitskiy et al., arXiv 2010.11929): rows x of a class token and the patches of a picture,
 * with positions; in every layer x = x + output(attention(norm x)), then x = x + output(a(intermediate(norm x))), what is added scaled by
 * columns in a DINOv2; a norm at the end.
 *
 * @param family what tells it from other vision transformers
 * @param head nothing, or a classifier
 * @param imageSize height and width of pictures, a multiple of {@code patchSize}
 * @param patchSize height and width of patches, >= 1
 * @param channels of pictures, >= 1
 * @param hiddenSize numbers in a row, a multiple of {@code heads}; fewer than 2^30, as {@code intermediateSize}
 * @param intermediateSize numbers in front of the feed-forward part's last matrix, >= 1, where it is gated a multiple of 8
 * @param layers >= 1
 * @param heads of attention, >= 1
 * @param attentionBias whether the projections to queries, keys and values have biases
 * @param epsilon added to variances, > 0
 * @param activation a in the feed-forward part; where it is gated, SILU
 */
public record VisionConfig(
        VisionFamily family,
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

    /** Patches along a side, so that rows of a picture are no more than an array has. */
    private static final int MOST_PATCHES = 46_340;

    /** In a row of which two may lie one behind the other. */
    private static final int MOST_NUMBERS = Integer.MAX_VALUE / 2;

    /** Checks the sizes. */
    public VisionConfig {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(head, "head");
        Objects.requireNonNull(activation, "activation");
        Checks.atLeast(1, "image_size", imageSize);
        Checks.atLeast(1, "patch_size", patchSize);
        Checks.atLeast(1, "num_channels", channels);
        Checks.inRange(1, MOST_NUMBERS, "hidden_size", hiddenSize);
        Checks.inRange(1, MOST_NUMBERS, "intermediate_size", intermediateSize);
        Checks.atLeast(1, "num_hidden_layers", layers);
        Checks.atLeast(1, "num_attention_heads", heads);
        Checks.positive("layer_norm_eps", epsilon);
        requireMultiple("image_size", imageSize, "patch_size", patchSize);
        requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        if (imageSize / patchSize > MOST_PATCHES || (long) patchSize * patchSize > Integer.MAX_VALUE / channels) {
            throw new IllegalArgumentException("patches and their numbers must be fewer than 2^31, got pictures of "
                    + imageSize + " and patches of " + patchSize + " with " + channels + " channels");
        }
        if (family.isGated()) {
            requireGated(intermediateSize, activation);
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

    private static void requireGated(int size, HiddenActivation activation) {
        FeedForwardRatio.requireGated(size);
        if (activation != HiddenActivation.SILU) {
            throw new IllegalArgumentException(
                    "a gated feed-forward part of a vision transformer has the activation SILU, got " + activation);
        }
    }

    @Override
    public String modelType() {
        return family.modelType();
    }

    @Override
    public String architecture() {
        return family.className() + (head instanceof EncoderHead.Classifier ? "ForImageClassification" : "Model");
    }

    /** How many patches a picture has. */
    public int patches() {
        return imageSize / patchSize * (imageSize / patchSize);
    }

    /** Numbers in a patch. */
    public int patchWidth() {
        return channels * patchSize * patchSize;
    }

    /** Numbers that the first matrix of the feed-forward part makes: of a gated one, those that open and those that pass. */
    public int wideSize() {
        return family.isGated() ? 2 * intermediateSize : intermediateSize;
    }

    /** Numbers that a classifier reads. */
    public int classifierInputs() {
        return family instanceof VisionFamily.Dinov2 ? 2 * hiddenSize : hiddenSize;
    }

    /** This, with another head. */
    public VisionConfig withHead(EncoderHead other) {
        return new VisionConfig(
                family,
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
