/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import org.amend4j.internal.validation.Checks;

/**
 * The bound of Mu and Klabjan, "Rewind-to-Delete" (arXiv 2409.09778), for comparisons only: full batch, nonconvex, mean
 * normaliser, no weight decay.
 *
 * <pre>  Δ(K) = (2mG/(Ln))·h(K),   h(K) = ((1 + ηLn/(n-m))^(T-K) - 1)·(1 + ηL)^K </pre>
 *
 * It compares through the gradient of all records, which inflates the growth factor; {@link FullBatch} with
 * {@link Curvature#NONCONVEX} and {@link Normaliser.Mean} is smaller for every {@code K < T}. Not rounded in any direction.
 *
 * @param gradientBound G, > 0
 * @param lipschitz L, > 0
 * @param stepSize η, > 0
 * @param records n
 * @param deleted m, in [0, n)
 * @param steps T, >= 1
 */
public record PaperBound(double gradientBound, double lipschitz, double stepSize, int records, int deleted, int steps) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public PaperBound {
        Checks.positive("G", gradientBound);
        Checks.positive("L", lipschitz);
        Checks.positive("the step size", stepSize);
        Checks.atLeast(1, "the number of records", records);
        Checks.inRange(0, records - 1, "the number of deleted records", deleted);
        Checks.atLeast(1, "the number of steps", steps);
    }

    /**
     * h(K), +∞ where it overflows.
     *
     * @param redone K, in [0, T]
     */
    public double h(int redone) {
        Checks.inRange(0, steps, "the number of redone steps", redone);
        if (redone == steps) {
            return 0;
        }
        double inflated = stepSize * lipschitz * records / (records - deleted);
        return Math.expm1((steps - redone) * Math.log1p(inflated))
                * Math.exp(redone * Math.log1p(stepSize * lipschitz));
    }

    /** Δ(K), +∞ where it overflows. */
    public double delta(int redone) {
        return deleted == 0 ? 0 : 2 * deleted * gradientBound / (lipschitz * records) * h(redone);
    }

    /**
     * {@code Δ·√(2·ln(1.25/δ))/ε}, the noise that the paper adds for this Δ.
     *
     * @param epsilon ε, in (0, 1]: beyond, the formula is not proved, and wrong from about 6 on
     * @param delta δ, in (0, 1)
     */
    public double classicNoise(int redone, double epsilon, double delta) {
        if (!(epsilon > 0 && epsilon <= 1)) {
            throw new IllegalArgumentException("epsilon of the classic formula must be in (0, 1], got " + epsilon);
        }
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("delta must be in (0, 1), got " + delta);
        }
        return delta(redone) * Math.sqrt(2 * Math.log(1.25 / delta)) / epsilon;
    }
}
