/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/** A way to bound ‖∇J_H - ∇J‖; each is at most the one before. */
public enum BiasBound {
    /** {@link TruncationBias#triangle}. */
    A {
        @Override
        double formula(BiasConstants constants, int steps) {
            return TruncationBias.triangle(
                    constants.scores().norm(), constants.rewards().magnitude(), constants.gamma(), steps);
        }
    },
    /** {@link TruncationBias#martingale}. */
    B {
        @Override
        double formula(BiasConstants constants, int steps) {
            return TruncationBias.martingale(
                    constants.scores().norm(), constants.rewards().magnitude(), constants.gamma(), steps);
        }
    },
    /** {@link TruncationBias#secondMoment}; the one for scores that have no bound. */
    C {
        @Override
        double formula(BiasConstants constants, int steps) {
            return TruncationBias.secondMoment(
                    constants.scores().secondMoment(), constants.rewards().half(), constants.gamma(), steps);
        }
    };

    abstract double formula(BiasConstants constants, int steps);

    /**
     * The bound for a horizon; +∞ if a constant it needs is, or if nothing is known of rewards, see {@link BiasConstants#boundsRewards}.
     *
     * @param steps H, >= 0
     */
    public double of(BiasConstants constants, int steps) {
        return constants.boundsRewards() ? formula(constants, steps) : Double.POSITIVE_INFINITY;
    }
}
