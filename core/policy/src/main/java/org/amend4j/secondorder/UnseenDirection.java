/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * By how much a sample mean can be too low along an unknown direction. Let Y_i ≤ b be independent with one law, and {@code
 * 0 ≤ λ < 1}. For ξ ≥ -1, exp(λξ - ψ(λ)ξ²) ≤ 1 + λξ with ψ(λ) = -ln(1 - λ) - λ (Fan, Grama and Liu 2015, Lemma 4.1). With ξ
 * = -Y/b the expectation is at most
 * 1 - λ E Y/b ≤ exp(-λ E Y/b), so that by Markov's inequality, with probability 1 - α,
 *
 * <pre>
 *   E Y ≤ mean Y_i + (ψ(λ) mean Y_i²/b + b ln(1/α)/n)/λ
 * </pre>
 *
 * Only means of the sample stand on the right, so both may be replaced by their greatest values over all unit vectors u: for the
 * gradient, Y = ⟨u, ĝ⟩ with u along ∇J, by ‖ḡ‖ and the largest eigenvalue of mean ĝĝᵀ; for the Hessian, Y = uᵀĤu with u its top
 * eigenvector, by λ_max(mean Ĥ) and mean ‖Ĥ‖². Neither the dimension nor a cover of the sphere enters. λ may not depend on the sample:
 * there are a few, and α is shared.
 */
final class UnseenDirection {

    private static final double[] LAMBDAS = {0.9, 0.5, 0.2, 0.06, 0.015};

    private UnseenDirection() {}

    /**
     * What to add to the mean.
     *
     * @param meanSquare mean Y_i², or something larger
     * @param most b > 0
     * @param count n
     * @param error α
     */
    static double allowance(double meanSquare, double most, int count, double error) {
        double needed = Math.log(LAMBDAS.length / error);
        double least = Double.POSITIVE_INFINITY;
        for (double lambda : LAMBDAS) {
            double psi = -Math.log1p(-lambda) - lambda;
            least = Math.min(least, (psi * meanSquare / most + most * needed / count) / lambda);
        }
        return least;
    }
}
