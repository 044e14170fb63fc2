package org.amend4j.cuda.kernel;

import org.amend4j.validation.Checks;

/**
 * A function applied to each element, as Deeplearning4j defines it.
 *
 * @param slope of {@link Kind#LEAKY_RELU} and {@link Kind#ELU} on the left; the others ignore it
 */
public record Activation(Kind kind, double slope) {

    /** Plain output. */
    public static final Activation IDENTITY = of(Kind.IDENTITY);

    /** The functions. */
    public enum Kind {
        IDENTITY(0),
        RELU(1),
        RELU6(2),
        LEAKY_RELU(3),
        ELU(4),
        SELU(5),
        SIGMOID(6),
        HARD_SIGMOID(7),
        TANH(8),
        HARD_TANH(9),
        SOFTPLUS(10),
        SOFTSIGN(11),
        SWISH(12),
        /** Deeplearning4j's default form, z · sigmoid(1.702 z). */
        GELU(13);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** As activation.cu has it. */
        int code() {
            return code;
        }
    }

    public Activation {
        Checks.finite("slope", slope);
    }

    /** With Deeplearning4j's default slope: 0.01 of the leaky ReLU, 1 of ELU. */
    public static Activation of(Kind kind) {
        return new Activation(kind, kind == Kind.LEAKY_RELU ? 0.01 : 1);
    }
}
