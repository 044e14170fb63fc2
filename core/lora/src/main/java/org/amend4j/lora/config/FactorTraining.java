/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * How the factors of adapters are trained beside the updater: a matter of this training alone, and in no adapter's file. Can be
 * a property of a Deeplearning4j layer configuration; invalid JSON is refused.
 *
 * @param ratio learning rate of B as a multiple of A's (LoRA+: Hayou et al., arXiv 2402.12354), >= 1 and finite; decay by the rate
 *     grows with it
 * @param method what becomes of the gradients
 * @param damping of the method's preconditioner, >= 0; 0 if it has none
 */
public record FactorTraining(double ratio, Method method, double damping) {

    /** What becomes of the gradients of A and B before an updater sees them. */
    public enum Method {
        /** Nothing. */
        PLAIN,
        /** A is frozen: nothing moves it, no decay either. B's gradient is preconditioned. */
        LORA_FA,
        /** Both are preconditioned, each by the other factor. */
        RIEMANNIAN
    }

    /** By the updater alone. */
    public static final FactorTraining PLAIN = new FactorTraining(1, Method.PLAIN, 0);

    /** @throws IllegalArgumentException if a component breaks its rule */
    public FactorTraining {
        Checks.present("method", method);
        Checks.notNegative("damping", damping);
        if (!(ratio >= 1) || Double.isInfinite(ratio)) {
            throw new IllegalArgumentException(
                    "the ratio of B's learning rate to A's must be >= 1 and finite, got " + ratio);
        }
        if (method == Method.LORA_FA && ratio != 1) {
            throw new IllegalArgumentException(
                    "the ratio of B's learning rate to A's must be 1 with LoRA-FA, which does not train A, got "
                            + ratio);
        }
        if (method == Method.PLAIN && damping != 0) {
            throw new IllegalArgumentException("damping must be 0 without a preconditioner, got " + damping);
        }
    }

    /** LoRA+: B learns so many times as fast as A; 16 is usual. */
    public static FactorTraining loraPlus(double ratio) {
        return PLAIN.withRatio(ratio);
    }

    /** LoRA-FA, with a damping of 1e-8. */
    public static FactorTraining loraFa() {
        return new FactorTraining(1, Method.LORA_FA, 1e-8);
    }

    /** Riemannian preconditioning, with a damping of 1e-2. */
    public static FactorTraining riemannian() {
        return new FactorTraining(1, Method.RIEMANNIAN, 1e-2);
    }

    /** This, with another ratio. */
    public FactorTraining withRatio(double other) {
        return new FactorTraining(other, method, damping);
    }

    /** This, with another damping. */
    public FactorTraining withDamping(double other) {
        return new FactorTraining(ratio, method, other);
    }

    /** Whether gradients are overwritten. */
    public boolean preconditions() {
        return method != Method.PLAIN;
    }

    /** Whether anything moves A. */
    public boolean trainsA() {
        return method != Method.LORA_FA;
    }
}
