/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Models whose tensors have Llama's names, by their {@code model_type}. */
public enum DecoderFamily {
    LLAMA,
    MISTRAL,
    QWEN2;

    /** Hugging Face's name. */
    public String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<DecoderFamily> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType().equals(modelType))
                .findFirst();
    }
}
