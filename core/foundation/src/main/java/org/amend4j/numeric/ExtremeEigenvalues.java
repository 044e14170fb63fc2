/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * The ends of a symmetric operator's spectrum as far as a Krylov space shows them. Both values lie inside of the spectrum
 * (to rounding and the operator's errors): the true smallest eigenvalue is not above {@code smallest}, the true largest not
 * below {@code largest}. See {@link Eigenpair} for what the residuals prove, and {@link #unseen} for what may be missing.
 *
 * @param smallest the smallest Ritz value, its vector, and a bound on its residual
 * @param largest the largest; the same as the smallest if there was one step
 * @param converged whether the residuals of the ends that were wanted met the tolerance, {@link #defect} included
 * @param dimension of the operator
 * @param steps dimension of the Krylov space, which is also the number of products
 * @param breakdowns how often an invariant subspace was found
 * @param defect how far the operator was from a symmetric, linear one along the way, {@code ‖F‖_F} of
 *     {@code HV = VT + β_m·v_{m+1}·e_mᵀ + F}: about rounding for an exact operator; part of the residuals' bounds
 * @param seed of the start
 */
public record ExtremeEigenvalues(
        Eigenpair smallest,
        Eigenpair largest,
        boolean converged,
        int dimension,
        int steps,
        int breakdowns,
        double defect,
        long seed) {

    /** Constant of Kuczyński and Woźniakowski's bound. */
    private static final double KW = 1.648;

    /**
     * How far eigenvalues may lie outside of {@code [smallest, largest]}: with probability at least 1 - δ over the random
     * start, none is further out. From Kuczyński and Woźniakowski 1992, theorem 4.2: after k steps from a uniform start
     * the largest Ritz value misses more than {@code ρ·(λ_max - λ_min)} with probability at most
     * {@code 1.648·√d·exp(-√ρ·(2k - 1))}, and so does the smallest. As the number of steps depends on the run, step k is
     * given {@code δ/(k(k+1))}. It holds for exact arithmetic, whatever the spectrum; it is crude for few steps.
     *
     * @param delta δ, in (0, 1)
     * @return the distance, at least 0; 0 if the Krylov space is the whole space; infinite if the bound says nothing
     */
    public double unseen(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("delta must be in (0, 1), got " + delta);
        }
        if (steps == dimension) {
            return 0;
        }
        double k = steps;
        double root = Math.log(KW * Math.sqrt(dimension) * 2 * k * (k + 1) / delta) / (2 * k - 1);
        double rho = root * root;
        // spread ≤ seen + 2ρ·spread, as each end misses at most ρ·spread
        return rho < 0.5 ? rho * (largest.value() - smallest.value()) / (1 - 2 * rho) : Double.POSITIVE_INFINITY;
    }
}
