/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import org.amend4j.internal.validation.Checks;

/** The head on an encoder of texts or pictures, according to the class in {@code architectures}. */
public sealed interface EncoderHead {

    /** Nothing: {@code BertModel}. Its pooler may be missing, as in models of sentences. */
    record None() implements EncoderHead {}

    /** Scores of words in masked places: {@code BertForMaskedLM}. */
    record MaskedTokens() implements EncoderHead {}

    /**
     * Scores of classes: {@code BertForSequenceClassification}, {@code ViTForImageClassification}.
     *
     * @param labels the classes' names, two or more
     */
    record Classifier(List<String> labels) implements EncoderHead {

        /** Copies and counts the labels. */
        public Classifier {
            labels = List.copyOf(labels);
            Checks.atLeast(2, "labels", labels.size());
        }
    }
}
