/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/** What the graph of an encoder puts out. */
public sealed interface EncoderOutput {

    /** The rows of all tokens, [tokens, width]. */
    record Rows() implements EncoderOutput {}

    /**
     * A row for each example, [examples, width].
     *
     * @param pooling how its tokens' rows become one
     */
    record Pooled(Pooling pooling) implements EncoderOutput {

        /** @throws NullPointerException if there is no pooling */
        public Pooled {
            Objects.requireNonNull(pooling, "pooling");
        }
    }

    /**
     * Logits of words for every position, [examples · time, vocabulary], with the cross-entropy of those that have labels as the loss
     * ({@link LanguageModelHead}).
     *
     * @param seed of the start of layers that the checkpoint does not have
     */
    record MaskedTokens(long seed) implements EncoderOutput {}

    /**
     * Probabilities of classes, [examples, labels], with their cross-entropy as the loss.
     *
     * @param labels the classes' names, two or more
     * @param pooling how the tokens' rows become one in front of the classifier; empty for Hugging Face's way, the first token's row, of
     *     texts through a linear layer and its function (a model with another is no class of Hugging Face's: {@link
     *     TransformerModel#save} refuses it, and pictures have none)
     * @param seed of the start of layers that the checkpoint does not have
     */
    record Classes(List<String> labels, Optional<Pooling> pooling, long seed) implements EncoderOutput {

        /** Copies and counts the labels. */
        public Classes {
            labels = List.copyOf(labels);
            Checks.atLeast(2, "labels", labels.size());
            Objects.requireNonNull(pooling, "pooling");
        }
    }
}
