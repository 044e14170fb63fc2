/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The function a in the gated feed-forward part, down(a(gate x) · up x). */
public enum GateFunction {
    /** x·σ(x). */
    SILU("silu", "swish"),
    /** x·Φ(x). */
    GELU("gelu", "gelu_python"),
    /** x(1 + tanh(√(2/π)(x + 0.044715x³)))/2. */
    GELU_TANH("gelu_pytorch_tanh", "gelu_new", "gelu_fast");

    private final List<String> names;

    GateFunction(String... names) {
        this.names = List.of(names);
    }

    /** Hugging Face's name of it, the first of several. */
    public String hiddenAct() {
        return names.get(0);
    }

    static Optional<GateFunction> of(String hiddenAct) {
        return Arrays.stream(values())
                .filter(function -> function.names.contains(hiddenAct))
                .findFirst();
    }

    static List<String> known() {
        return Arrays.stream(values())
                .flatMap(function -> function.names.stream())
                .toList();
    }
}
