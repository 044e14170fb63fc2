/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

import org.amend4j.numeric.Downward;
import org.amend4j.numeric.Upward;

/**
 * Bounds on the minimal loss: {@code lowest <= f* <= known}.
 *
 * @param lowest a proved lower bound of f*
 * @param known a value that f takes, or another upper bound of f*
 */
public record Bracket(double lowest, double known) {

    /** @throws IllegalArgumentException if the numbers are not in order */
    public Bracket {
        if (!(lowest <= known)) {
            throw new IllegalArgumentException(
                    "a lower bound of the loss must not be above its values, got " + lowest + " above " + known);
        }
    }

    /** For a loss that is never negative. */
    public static Bracket ofNonnegative() {
        return new Bracket(0, Double.POSITIVE_INFINITY);
    }

    /** With another value that f takes, or an upper bound of f*. */
    public Bracket with(double value) {
        // near the minimum a computed value may be below a bound of exact ones
        return new Bracket(Math.min(lowest, value), Math.min(known, value));
    }

    /**
     * With another point of a strongly convex f: {@code f* >= f(θ) - ‖∇f(θ)‖²/(2μ)}, on a convex set too.
     *
     * @param gradientNorm ‖∇f(θ)‖
     * @param mu μ, proved; > 0
     */
    public Bracket with(double value, double gradientNorm, double mu) {
        double below = Upward.divide(Upward.square(gradientNorm), Downward.multiply(2, mu));
        double least = Math.max(lowest, Downward.add(value, -below));
        return new Bracket(Math.min(least, known), known).with(value);
    }
}
