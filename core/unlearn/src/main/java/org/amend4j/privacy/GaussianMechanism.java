/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/**
 * The analytic Gaussian mechanism (Balle and Wang, ICML 2018, theorem 8): N(θ,σ²I) and N(θ',σ²I) with {@code ‖θ-θ'‖ <= Δ} are
 * (ε,δ)-indistinguishable if and only if, with {@code μ = Δ/σ},
 *
 * <pre>  δ >= Φ(μ/2 - ε/μ) - e^ε·Φ(-μ/2 - ε/μ) </pre>
 *
 * <p>Computed as a logarithm in a form without e^ε and without underflow (docs/privacy.md, (2) and (3)). {@link #lnDelta} errs by at
 * most {@link #lnDeltaError}; σ, ε and δ are rounded up by more than that.
 */
public final class GaussianMechanism {

    /** Below this {@link #lnDelta} loses its digits to cancellation, and nothing is promised. */
    public static final double MIN_MU = 1e-5;

    /** Above this no ε is worth writing down (about 5e5). */
    public static final double MAX_MU = 1e3;

    /** How much is added to the least σ, relatively: more than what {@link #lnDeltaError} can move it. */
    static final double SIGMA_MARGIN = 1e-9;

    private static final double MAX_EPSILON = 1e6;

    /** From here on the asymptotic bound of {@link #tailDifference} is right to 1e-10, and the difference has no digits. */
    private static final double FAR = 1e8;

    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double ROOT_HALF_PI = Math.sqrt(Math.PI / 2);
    private static final double HALF_LN_TWO_PI = Math.log(2 * Math.PI) / 2;

    private GaussianMechanism() {}

    /**
     * ln of the least δ for which unit-variance Gaussians at distance μ are (ε,δ)-indistinguishable; within
     * {@link #lnDeltaError} of the truth, on either side. At most 0, and increasing in μ, decreasing in ε.
     *
     * @param mu in [1e-5, 1e3]
     * @param epsilon in [0, 1e6]
     */
    public static double lnDelta(double mu, double epsilon) {
        checkMu(mu);
        if (!(epsilon >= 0 && epsilon <= MAX_EPSILON)) {
            throw new IllegalArgumentException("epsilon must be in [0, 1e6], got " + epsilon);
        }
        double a = mu / 2 - epsilon / mu;
        double minusB = mu / 2 + epsilon / mu;
        double lnDensity = -a * a / 2 - HALF_LN_TWO_PI;
        if (a <= 0) {
            return Math.min(0, lnDensity + Math.log(tailDifference(-a, minusB, mu)));
        }
        return Math.log1p(-Math.min(1, Erfc.value(a * ROOT_HALF) / 2 + Math.exp(lnDensity) * tailRatio(minusB)));
    }

    /**
     * A bound on the error of {@link #lnDelta} where it returned {@code lnDelta}. It is not proved: it is four times the largest error seen
     * against arithmetic with 120 digits. Only its form is explained (1/μ from cancellation, the rest from rounding).
     */
    static double lnDeltaError(double mu, double lnDelta) {
        double size = Math.abs(lnDelta);
        return 1e-12 * size + 1.2e-15 / mu * Math.min(1, size);
    }

    /** The least δ at this μ and ε, rounded up: in [{@link Double#MIN_VALUE}, 1]. Ranges as in {@link #lnDelta}. */
    public static double delta(double mu, double epsilon) {
        return Math.min(1, Math.nextUp(Math.nextUp(Math.exp(upperLnDelta(mu, epsilon)))));
    }

    /**
     * The least ε at this μ and δ, rounded up; 0 if δ suffices alone.
     *
     * @param mu in [1e-5, 1e3]
     * @param delta in [1e-300, 1)
     */
    public static double epsilon(double mu, double delta) {
        PrivacyBudget.checkDelta(delta);
        double wanted = Math.nextDown(Math.log(delta));
        if (upperLnDelta(mu, 0) <= wanted) {
            return 0;
        }
        double low = 0;
        // δ <= Φ(μ/2 - ε/μ) <= exp(-(μ/2 - ε/μ)²/2) is at most the wanted one here, with room for rounding.
        double high = 1 + mu * (mu / 2 + Math.sqrt(-2 * wanted)) * (1 + 1e-9);
        while (true) {
            double middle = low + (high - low) / 2;
            if (!(low < middle && middle < high)) {
                return high;
            }
            if (upperLnDelta(mu, middle) <= wanted) {
                high = middle;
            } else {
                low = middle;
            }
        }
    }

    /**
     * The largest μ that this budget allows, rounded down by 1e-9.
     *
     * @throws ArithmeticException if it is below 1e-5 (ε = 0 with δ below 4e-6, or nearly so)
     */
    public static double mu(PrivacyBudget budget) {
        double wanted = Math.log(budget.delta());
        double low = MIN_MU;
        double high = MAX_MU;
        if (lnDelta(low, budget.epsilon()) > wanted) {
            throw new ArithmeticException(budget + " needs a distance below " + MIN_MU
                    + " standard deviations, where double precision cannot carry the certificate");
        }
        while (true) {
            double middle = Math.sqrt(low) * Math.sqrt(high);
            // rounding can put the middle of near neighbours outside of them
            if (!(low < middle && middle < high)) {
                return Math.nextDown(low * (1 - SIGMA_MARGIN));
            }
            if (lnDelta(middle, budget.epsilon()) <= wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /**
     * The standard deviation per coordinate that makes releases at distance at most {@code sensitivity} indistinguishable
     * within the budget. Above the least such σ, by at most 2e-9 relatively.
     *
     * @param sensitivity Δ, Euclidean; above 0 and finite (Δ = 0 needs no noise and has no σ)
     * @throws ArithmeticException as {@link #mu}, or if σ is not a normal double
     */
    public static double sigma(double sensitivity, PrivacyBudget budget) {
        checkSensitivity(sensitivity);
        return normal(Math.nextUp(sensitivity / mu(budget)), sensitivity);
    }

    /**
     * The textbook's {@code σ = Δ·√(2·ln(1.25/δ))/ε}, for comparisons only: at least 1.2 times too much below ε = 1, and
     * too little from ε = 5.7 on for δ = 0.1 (9.9 for δ = 1e-10).
     *
     * @throws IllegalArgumentException if ε is above 1, where it is not proved, or 0
     */
    public static double classicSigma(double sensitivity, PrivacyBudget budget) {
        checkSensitivity(sensitivity);
        if (!(budget.epsilon() > 0 && budget.epsilon() <= 1)) {
            throw new IllegalArgumentException(
                    "the classic formula is proved for epsilon in (0, 1] only, got " + budget.epsilon());
        }
        return normal(sensitivity * classicFactor(budget.epsilon(), budget.delta()), sensitivity);
    }

    /** {@code √(2·ln(1.25/δ))/ε}, whatever ε. */
    static double classicFactor(double epsilon, double delta) {
        return Math.sqrt(2 * (Math.log(1.25) - Math.log(delta))) / epsilon;
    }

    static void checkSensitivity(double sensitivity) {
        if (!(sensitivity > 0 && sensitivity < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sensitivity must be above 0 and finite, got " + sensitivity);
        }
    }

    private static void checkMu(double mu) {
        if (!(mu >= MIN_MU && mu <= MAX_MU)) {
            throw new IllegalArgumentException("mu must be in [" + MIN_MU + ", " + MAX_MU + "], got " + mu);
        }
    }

    private static double normal(double sigma, double sensitivity) {
        if (sigma < Double.MIN_NORMAL || sigma == Double.POSITIVE_INFINITY) {
            throw new ArithmeticException("sigma for sensitivity " + sensitivity + " is not a normal double: " + sigma);
        }
        return sigma;
    }

    private static double upperLnDelta(double mu, double epsilon) {
        double lnDelta = lnDelta(mu, epsilon);
        return lnDelta + lnDeltaError(mu, lnDelta);
    }

    /** {@code M(x) - M(x + μ)} for {@code x >= 0}, given x + μ; rounded up where it cannot be computed. */
    private static double tailDifference(double x, double xPlusMu, double mu) {
        // M'(t) = t·M(t) - 1, and t·M(t) >= t²/(1+t²).
        return x >= FAR ? mu / (1 + x * x) : tailRatio(x) - tailRatio(xPlusMu);
    }

    /** M(x), the upper tail of the standard normal over its density: {@code √(π/2)·erfcx(x/√2)}. */
    private static double tailRatio(double x) {
        return ROOT_HALF_PI * Erfcx.value(x * ROOT_HALF);
    }
}
