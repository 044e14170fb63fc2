/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Models with Llama's names of tensors, by their {@code model_type}. */
public enum DecoderFamily {
    LLAMA,
    MISTRAL,
    QWEN2,
    /** Every head of queries and keys is normalised before positions turn it. */
    QWEN3,
    /** The first Gemma: gains are offsets from 1, and embeddings are multiplied by the root of their size. */
    GEMMA;

    /** Hugging Face's name. */
    public String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What the name of Hugging Face's class begins with. */
    String className() {
        return name().charAt(0) + modelType().substring(1);
    }

    /** Whether heads of queries and keys are normalised, each by itself. */
    public boolean hasHeadNorms() {
        return this == QWEN3;
    }

    /** Whether norms multiply with 1 + g in the place of g. */
    public boolean hasGainsAroundOne() {
        return this == GEMMA;
    }

    static Optional<DecoderFamily> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType().equals(modelType))
                .findFirst();
    }
}
