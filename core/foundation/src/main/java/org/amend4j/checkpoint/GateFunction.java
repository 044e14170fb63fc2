/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The function a in the gated feed-forward part, down(a(gate x) · up x). */
public enum GateFunction {
    /** x·σ(x). */
    SILU,
    /** x·Φ(x). */
    GELU,
    /** x(1 + tanh(√(2/π)(x + 0.044715x³)))/2. */
    GELU_TANH;

    /** By Hugging Face's names. */
    private static final Map<String, GateFunction> NAMED = new TreeMap<>(Map.of(
            "silu", SILU,
            "swish", SILU,
            "gelu", GELU,
            "gelu_python", GELU,
            "gelu_pytorch_tanh", GELU_TANH,
            "gelu_new", GELU_TANH,
            "gelu_fast", GELU_TANH));

    static Optional<GateFunction> of(String hiddenAct) {
        return Optional.ofNullable(NAMED.get(hiddenAct));
    }

    /** The name that is written. */
    String hiddenAct() {
        return switch (this) {
            case SILU -> "silu";
            case GELU -> "gelu";
            case GELU_TANH -> "gelu_pytorch_tanh";
        };
    }

    static List<String> known() {
        return List.copyOf(NAMED.keySet());
    }
}
