/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.validation.Checks;

/**
 * A function applied to each element, as Deeplearning4j defines it (the last two it has not).
 *
 * @param slope of {@link Kind#LEAKY_RELU} and {@link Kind#ELU} on the left; the others ignore it
 */
public record Activation(Kind kind, double slope) {

    /** Plain output. */
    public static final Activation IDENTITY = of(Kind.IDENTITY);

    /** The functions. */
    public enum Kind {
        IDENTITY,
        RELU,
        RELU6,
        LEAKY_RELU,
        ELU,
        SELU,
        SIGMOID,
        HARD_SIGMOID,
        TANH,
        HARD_TANH,
        SOFTPLUS,
        SOFTSIGN,
        SWISH,
        /** Deeplearning4j's default form, z · sigmoid(1.702 z). */
        GELU,
        /** z · Φ(z) with the normal distribution function Φ. */
        GELU_EXACT,
        /** z · (1 + tanh(√(2/π) · (z + 0.044715 z³)))/2. */
        GELU_TANH
    }

    public Activation {
        Checks.finite("slope", slope);
    }

    /** With Deeplearning4j's default slope: 0.01 of the leaky ReLU, 1 of ELU. */
    public static Activation of(Kind kind) {
        return new Activation(kind, kind == Kind.LEAKY_RELU ? 0.01 : 1);
    }
}
