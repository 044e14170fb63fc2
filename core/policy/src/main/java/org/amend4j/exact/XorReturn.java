/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.internal.validation.Checks;

/**
 * Closed forms of {@link org.amend4j.environment.XorMdp} under θ = (θ₀, θ₁), where p = σ(θ₀) is the probability of action 1 in the first
 * state and q = σ(θ₁) that in both others ({@link LogitMap.Bernoulli}):
 *
 * <pre>
 *   J = c·(2p - 1)(2q - 1)
 *   c_H = (1 - ε)/(2 - ε) · ( (1 - γ^H)/(1 - γ) - (1 - (-λ)^H)/(1 + λ) ),   λ = (1 - ε)γ;   c = c_∞ = λ/((1 - γ)(1 + λ))
 * </pre>
 *
 * c is the discounted number of rewards: the process is in state 0 at time t with probability m_t, m_0 = 1,
 * m_{t+1} = 1 - (1 - ε)·m_t, and a reward comes whenever it is not. For ε = 0 c_H = γ(1 - γ^{2⌊H/2⌋})/(1 - γ²), so the
 * relative bias of a cut-off is γ^{2⌊H/2⌋} in J, gradient and Hessian alike. θ = 0 is a saddle: gradient 0, eigenvalues ±c/4.
 *
 * @param gamma γ, in (0, 1)
 * @param stay ε, in [0, 1); 0 for the plain variant
 */
public record XorReturn(double gamma, double stay) {

    public XorReturn {
        Checks.insideUnit("gamma", gamma);
        if (!(stay >= 0 && stay < 1)) {
            throw new IllegalArgumentException("stay must be in [0, 1), got " + stay);
        }
    }

    /** c, the supremum of J. */
    public double best() {
        double lambda = (1 - stay) * gamma;
        return lambda / ((1 - gamma) * (1 + lambda));
    }

    /**
     * c_H, the supremum of J_H.
     *
     * @param horizon H, at least 0
     */
    public double best(int horizon) {
        Checks.atLeast(0, "horizon", horizon);
        double lambda = (1 - stay) * gamma;
        double power = StrictMath.pow(lambda, horizon);
        double alternating = horizon % 2 == 0 ? power : -power;
        double steps = -StrictMath.expm1(horizon * StrictMath.log(gamma)) / (1 - gamma);
        return (1 - stay) / (2 - stay) * (steps - (1 - alternating) / (1 + lambda));
    }

    /**
     * J/c, and J_H/c_H.
     *
     * @param theta [2]
     */
    public double share(double[] theta) {
        return lean(theta[0]) * lean(theta[1]);
    }

    /**
     * ∇J/c, and ∇J_H/c_H, [2].
     *
     * @param theta [2]
     */
    public double[] shareGradient(double[] theta) {
        return new double[] {slope(theta[0]) * lean(theta[1]), lean(theta[0]) * slope(theta[1])};
    }

    /**
     * ∇²J/c, and ∇²J_H/c_H, [2][2].
     *
     * @param theta [2]
     */
    public double[][] shareHessian(double[] theta) {
        double mixed = slope(theta[0]) * slope(theta[1]);
        return new double[][] {{bend(theta[0]) * lean(theta[1]), mixed}, {mixed, lean(theta[0]) * bend(theta[1])}};
    }

    /**
     * The variance of a coordinate of the one-trajectory GPOMDP estimate at θ = 0; coordinates are uncorrelated there and of
     * mean 0. {@code (1/4)·Σ_{j<⌊H/2⌋} (j + 1)γ^{4j+2}}: at θ = 0 rewards are fair signs, independent of each other and of the
     * actions of one observation, each score is ±1/2, and the j-th reward meets j + 1 scores of each observation.
     *
     * @param horizon H, at least 0
     * @throws IllegalStateException for the lazy variant
     */
    public double saddleVariance(int horizon) {
        requirePlain();
        Checks.atLeast(0, "horizon", horizon);
        double sum = 0;
        for (int j = 0; j < horizon / 2; j++) {
            sum += (j + 1) * StrictMath.pow(gamma, 4.0 * j + 2);
        }
        return sum / 4;
    }

    /**
     * Its limit for long horizons, γ²/(4(1 - γ⁴)²).
     *
     * @throws IllegalStateException for the lazy variant
     */
    public double saddleVariance() {
        requirePlain();
        double rest = 1 - StrictMath.pow(gamma, 4);
        return gamma * gamma / (4 * rest * rest);
    }

    private void requirePlain() {
        if (stay != 0) {
            throw new IllegalStateException("the variance is that of the plain variant only, got stay " + stay);
        }
    }

    /** 2σ(x) - 1. */
    private static double lean(double x) {
        return StrictMath.tanh(x / 2);
    }

    /** (2σ - 1)' = 2σ(1 - σ) = (1 - (2σ - 1)²)/2. */
    private static double slope(double x) {
        double e = StrictMath.exp(-Math.abs(x));
        return 2 * e / ((1 + e) * (1 + e));
    }

    /** (2σ - 1)'' = -(2σ - 1)(2σ - 1)'. */
    private static double bend(double x) {
        return -lean(x) * slope(x);
    }
}
