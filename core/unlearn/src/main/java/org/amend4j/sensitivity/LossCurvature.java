/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import org.amend4j.numeric.Upward;

/**
 * What is known of the shape of the records' losses besides L, and by how much a step on the retained records can change
 * the distance of two points: the factor ρ of docs/unlearning.md, "One step", rounded up.
 */
public enum LossCurvature {
    /** Nothing; ρ = |1 - ηλ| + ηL_t for every step size. */
    NONCONVEX {
        @Override
        double excess(double eta, double lambda, double lipschitz) {
            double below = Upward.multiply(eta, Upward.add(lipschitz, -lambda));
            double above = Upward.add(Upward.multiply(eta, Upward.add(lipschitz, lambda)), -2);
            return Math.max(below, above);
        }

        @Override
        double expansion(double eta, double lambda, double lipschitz) {
            return Upward.add(Upward.distanceToOne(eta, lambda), Upward.multiply(eta, lipschitz));
        }
    },
    /** Every record's loss is convex, and there is no weight decay; ρ = 1 for {@code η <= 2/L_t}. */
    CONVEX {
        @Override
        double excess(double eta, double lambda, double lipschitz) {
            return 0;
        }

        @Override
        double expansion(double eta, double lambda, double lipschitz) {
            require(eta, lambda, lipschitz);
            return 1;
        }

        private void require(double eta, double lambda, double lipschitz) {
            if (lambda != 0) {
                throw new IllegalArgumentException(
                        "CONVEX is for weight decay 0 (STRONGLY_CONVEX for more), got weight decay " + lambda);
            }
            if (!(Upward.multiply(eta, lipschitz) <= 2)) {
                throw new IllegalArgumentException("a CONVEX step must have step size <= 2/L_t, got step size " + eta
                        + " with L_t = " + lipschitz);
            }
        }
    },
    /**
     * Every record's loss is convex, and every trained parameter decays by the same λ > 0, biases too; ρ = 1 - ηλ for
     * {@code η·(L_t + 2λ) <= 2}.
     */
    STRONGLY_CONVEX {
        @Override
        double excess(double eta, double lambda, double lipschitz) {
            return Upward.multiply(-eta, lambda);
        }

        @Override
        double expansion(double eta, double lambda, double lipschitz) {
            require(eta, lambda, lipschitz);
            return Upward.add(1, Upward.multiply(-eta, lambda));
        }

        private void require(double eta, double lambda, double lipschitz) {
            if (!(lambda > 0)) {
                throw new IllegalArgumentException("STRONGLY_CONVEX needs weight decay > 0, got " + lambda);
            }
            if (!(Upward.multiply(eta, Upward.add(lipschitz, 2 * lambda)) <= 2)) {
                throw new IllegalArgumentException(
                        "a STRONGLY_CONVEX step must have step size <= 2/(L_t + 2·weight decay), got step size " + eta
                                + " with L_t = " + lipschitz + " and weight decay " + lambda);
            }
        }
    };

    /**
     * ρ, >= 0.
     *
     * @param eta η, > 0
     * @param lambda λ, >= 0
     * @param lipschitz L_t of {@link Normaliser#lipschitz}; may be infinite for {@link #NONCONVEX}
     * @throws IllegalArgumentException if the step size is too long for the factor, or the weight decay does not fit
     */
    abstract double expansion(double eta, double lambda, double lipschitz);

    /** ρ - 1, in [-1, ∞), without the cancellation of subtracting; of a step that {@link #expansion} accepts. */
    abstract double excess(double eta, double lambda, double lipschitz);
}
