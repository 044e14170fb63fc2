/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/** Step sizes η of theory mode, functions of the update's number. */
public sealed interface StepSize extends Identified {

    /** η of an update, from 0 on. */
    double at(long update);

    /** Always the same. */
    record Constant(double eta) implements StepSize {

        public Constant {
            Checks.positive("step size", eta);
        }

        @Override
        public Facts facts() {
            return Facts.of("Constant").with("eta", eta);
        }

        @Override
        public double at(long update) {
            return eta;
        }
    }

    /**
     * 1/L: the longest step for which exact gradient ascent on an L-smooth J gains at least ‖∇J‖²/(2L). With noisy
     * gradients the gain holds in the mean, less L η²/2 times their variance.
     *
     * @param lipschitz L, of ∇J
     */
    record FromSmoothness(double lipschitz) implements StepSize {

        public FromSmoothness {
            Checks.positive("smoothness", lipschitz);
        }

        @Override
        public Facts facts() {
            return Facts.of("FromSmoothness").with("lipschitz", lipschitz);
        }

        @Override
        public double at(long update) {
            return 1 / lipschitz;
        }
    }

    /**
     * η₀/(1 + u)^p. For p in (½, 1] the steps sum to infinity and their squares do not (Robbins and Monro 1951).
     *
     * @param first η₀
     * @param power p, in (0, 1]
     */
    record Decreasing(double first, double power) implements StepSize {

        public Decreasing {
            Checks.positive("first step size", first);
            if (!(power > 0 && power <= 1)) {
                throw new IllegalArgumentException("power must be in (0, 1], got " + power);
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Decreasing").with("first", first).with("power", power);
        }

        @Override
        public double at(long update) {
            return first / StrictMath.pow(1.0 + update, power);
        }
    }
}
