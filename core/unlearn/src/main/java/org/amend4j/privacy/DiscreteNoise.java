/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import org.amend4j.numeric.Upward;

/**
 * Noise that keeps a budget with everything included: rounding to the grid in the sensitivity, discreteness in δ.
 *
 * @param grid the grid, and σ on it
 * @param sensitivity bound on the distance of the two models before rounding; above 0 and finite
 * @param dimension number of parameters, at least 1
 */
public record DiscreteNoise(GaussianGrid grid, double sensitivity, int dimension) {

    /** @throws IllegalArgumentException if a component is out of its range */
    public DiscreteNoise {
        GaussianMechanism.checkSensitivity(sensitivity);
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension must be >= 1, got " + dimension);
        }
    }

    /**
     * The least noise for the budget, on the finest grid.
     *
     * @param sensitivity Δ, including {@link FloatSlack}
     * @param bound public bound on every parameter's magnitude, see {@link GaussianGrid}
     * @throws ArithmeticException if double precision cannot carry it: no such grid, μ below 1e-5, or discreteness
     *     takes more than half of δ (large ε)
     */
    public static DiscreteNoise calibrated(double sensitivity, PrivacyBudget budget, int dimension, double bound) {
        // The grid from a σ without the grid's own terms: those only make σ larger, and the grid finer against it.
        GaussianGrid first = GaussianGrid.of(GaussianMechanism.sigma(sensitivity, budget), bound);
        double discreteness = first.deltaTerm(budget.epsilon(), dimension);
        if (!(discreteness <= budget.delta() / 2)) {
            throw new ArithmeticException("with " + dimension + " parameters, noise on a grid of 2^" + first.exponent()
                    + " costs " + discreteness + " of the delta of " + budget + ": not exact enough");
        }
        PrivacyBudget left = new PrivacyBudget(budget.epsilon(), Math.nextDown(budget.delta() - discreteness));
        double sigma = GaussianMechanism.sigma(Math.nextUp(sensitivity + first.sensitivityTerm(dimension)), left);
        long units = (long) Math.ceil(Math.scalb(sigma, -first.exponent()));
        return new DiscreteNoise(new GaussianGrid(first.exponent(), units, bound), sensitivity, dimension);
    }

    /** σ per coordinate. */
    public double sigma() {
        return grid.sigma();
    }

    /** The root of the mean square of its norm on all coordinates, σ√d; rounded up. */
    public double norm() {
        return Upward.multiply(sigma(), Upward.sqrt(dimension));
    }

    /** {@code μ = (Δ + g·√d)/σ}, rounded up; without the {@linkplain GaussianGrid#deltaTerm discreteness} that δ pays for. */
    public GaussianPrivacy privacy() {
        return GaussianPrivacy.ofRelease(Math.nextUp(sensitivity + grid.sensitivityTerm(dimension)), grid.sigma());
    }

    /** The least δ at this ε, discreteness included; rounded up, and 1 if nothing is promised. */
    public double delta(double epsilon) {
        double gaussian = GaussianMechanism.delta(privacy().mu(), epsilon);
        return Math.min(1, Math.nextUp(gaussian + grid.deltaTerm(epsilon, dimension)));
    }
}
