/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.objective.Precision;

/**
 * How far a computed value of an objective may be from the value in exact arithmetic.
 *
 * <p>Two things are rounded. The sums inside of the objective: a chain of k roundings of unit u leaves a relative error of
 * about √k·u (Higham and Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019);
 * chains of a thousand give 32u. And the parameters themselves: θ is stored with relative errors u and enters the chains,
 * which moves the value by at most {@code ‖∇J‖·‖θ‖} times the same relative error, to first order. So
 *
 * <pre>{@code   |computed J - J| <= ρ·(|J| + ‖∇J‖·‖θ‖),   ρ = 32u. }</pre>
 *
 * <p>It is a model, not a proof: an objective that cancels large terms loses more.
 */
final class Rounding {

    private static final double CHAIN = 32;

    private Rounding() {}

    /** ρ, 3.6e-15 in double and 1.9e-6 in float. */
    static double relative(Precision precision) {
        return CHAIN
                * switch (precision) {
                    case FLOAT -> 0x1p-24;
                    case DOUBLE -> 0x1p-53;
                };
    }

    /** {@code ρ·(|J| + ‖∇J‖·‖θ‖)}. */
    static double ofValue(Precision precision, double loss, double gradientNorm, double thetaNorm) {
        return relative(precision) * (Math.abs(loss) + gradientNorm * thetaNorm);
    }
}
