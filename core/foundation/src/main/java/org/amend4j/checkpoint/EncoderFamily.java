/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Encoders whose tensors have BERT's names, by their {@code model_type}. */
public enum EncoderFamily {
    BERT(0),
    /** Its first two positions are never used. */
    ROBERTA(2);

    private final int positionOffset;

    EncoderFamily(int positionOffset) {
        this.positionOffset = positionOffset;
    }

    /** Hugging Face's name. */
    public String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The row of the table of positions that the first token has. */
    public int positionOffset() {
        return positionOffset;
    }

    static Optional<EncoderFamily> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType().equals(modelType))
                .findFirst();
    }
}
