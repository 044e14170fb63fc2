/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/**
 * The function a in the feed-forward part, {@code hidden_act}: down(a(gate x) · up x) where it is gated, output(a(intermediate x)) where
 * not.
 */
public enum HiddenActivation {
    /** x·σ(x). */
    SILU,
    /** x·Φ(x). */
    GELU,
    /** x(1 + tanh(√(2/π)(x + 0.044715x³)))/2. */
    GELU_TANH;

    /** By Hugging Face's names. */
    private static final Map<String, HiddenActivation> NAMED = new TreeMap<>(Map.of(
            "silu", SILU,
            "swish", SILU,
            "gelu", GELU,
            "gelu_python", GELU,
            "gelu_pytorch_tanh", GELU_TANH,
            "gelu_new", GELU_TANH,
            "gelu_fast", GELU_TANH));

    /** The name that is written. */
    String hiddenAct() {
        return switch (this) {
            case SILU -> "silu";
            case GELU -> "gelu";
            case GELU_TANH -> "gelu_pytorch_tanh";
        };
    }

    /** Reads {@code hidden_act}. */
    static HiddenActivation read(ConfigFields fields, String otherwise) {
        return read(fields, "hidden_act", otherwise);
    }

    /** Reads a field that is called otherwise. */
    static HiddenActivation read(ConfigFields fields, String field, String otherwise) {
        String name = fields.text(field).orElse(otherwise);
        return Optional.ofNullable(NAMED.get(name))
                .orElseThrow(() -> new IllegalArgumentException("the activation " + Printable.quoted(name)
                        + " is not supported; supported are " + Checks.listed(List.copyOf(NAMED.keySet()))));
    }
}
