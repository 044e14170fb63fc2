/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Encoders that are built like BERT, by their {@code model_type}. */
public enum EncoderFamily {
    BERT("Bert", 0, true),
    /** Its first two positions are never used. */
    ROBERTA("Roberta", 2, true),
    /** It has no types of tokens and no pooler, and names of its own. */
    DISTILBERT("DistilBert", 0, false);

    private final String className;
    private final int positionOffset;
    private final boolean typed;

    EncoderFamily(String className, int positionOffset, boolean typed) {
        this.className = className;
        this.positionOffset = positionOffset;
        this.typed = typed;
    }

    /** Hugging Face's name. */
    public String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What the names of Hugging Face's classes begin with. */
    String className() {
        return className;
    }

    /** The row of the table of positions that the first token has. */
    public int positionOffset() {
        return positionOffset;
    }

    /** Whether tokens have types, and an encoder without a head a pooler on its first row. */
    public boolean isTyped() {
        return typed;
    }

    static Optional<EncoderFamily> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType().equals(modelType))
                .findFirst();
    }
}
