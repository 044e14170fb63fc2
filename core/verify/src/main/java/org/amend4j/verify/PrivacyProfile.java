/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

/**
 * δ(ε) of two Gaussians at distance μ, by integration. With t = ε/μ + μ/2, beyond which the privacy loss is above ε, and
 * {@code a = μ/2 - ε/μ},
 *
 * <pre>  δ = ∫ max(0, φ(x - μ) - e^ε·φ(x)) dx = ∫_0^∞ φ(y - a)·(1 - e^(-μy)) dy,   y = x - t, </pre>
 *
 * in which nothing cancels: every term is positive, and for {@code a <= 0} the factor φ(a) goes before the integral, into the logarithm. By
 * Gauss-Legendre formulas on panels; good to about 1e-13.
 */
final class PrivacyProfile {

    private static final double LN_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);
    private static final int POINTS = 16;
    private static final int PANELS = 48;
    private static final double[] NODES = new double[POINTS];
    private static final double[] WEIGHTS = new double[POINTS];

    /** Where a Gaussian is below e^-72 of its largest value. */
    private static final double WIDTH = 12;

    /** {@code 1 - δ <= 2Φ(-a)}, which is below 1e-300 from here on. */
    private static final double CERTAIN = 40;

    static {
        for (int i = 0; i < POINTS; i++) {
            double x = Math.cos(Math.PI * (i + 0.75) / (POINTS + 0.5));
            for (int newton = 0; newton < 20; newton++) {
                x -= legendre(x)[0] / legendre(x)[1];
            }
            double slope = legendre(x)[1];
            NODES[i] = x;
            WEIGHTS[i] = 2 / ((1 - x * x) * slope * slope);
        }
    }

    private PrivacyProfile() {}

    /** The Legendre polynomial and its derivative. */
    private static double[] legendre(double x) {
        double before = 1;
        double value = x;
        for (int n = 2; n <= POINTS; n++) {
            double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
            before = value;
            value = next;
        }
        return new double[] {value, POINTS * (x * value - before) / (x * x - 1)};
    }

    /** δ, in [0, 1]. */
    static double delta(double mu, double epsilon) {
        return Math.min(1, Math.exp(lnDelta(mu, epsilon)));
    }

    /** ln δ; -∞ for μ = 0. */
    static double lnDelta(double mu, double epsilon) {
        double a = mu / 2 - epsilon / mu;
        if (a > CERTAIN) {
            return 0;
        }
        if (mu == 0 || Double.isInfinite(a * a)) {
            return Double.NEGATIVE_INFINITY;
        }
        double before = a > 0 ? 0 : -a * a / 2;
        double from = Math.max(0, a - WIDTH);
        double to = a > 0 ? a + WIDTH : WIDTH * WIDTH / (Math.sqrt(a * a + WIDTH * WIDTH) - a);
        double bend = Math.min(to, Math.max(from, 40 / mu));
        return before - LN_ROOT_TWO_PI + Math.log(integral(mu, a, from, bend) + integral(mu, a, bend, to));
    }

    private static double integral(double mu, double a, double from, double to) {
        double half = (to - from) / PANELS / 2;
        double sum = 0;
        for (int panel = 0; panel < PANELS; panel++) {
            double middle = from + (2 * panel + 1) * half;
            for (int i = 0; i < POINTS; i++) {
                double y = middle + half * NODES[i];
                double exponent = a > 0 ? -(y - a) * (y - a) / 2 : y * (a - y / 2);
                sum += WEIGHTS[i] * Math.exp(exponent) * -Math.expm1(-mu * y);
            }
        }
        return sum * half;
    }

    /** The best attack's true less false positive rate, {@code 2Φ(μ/2) - 1}, which is δ at ε = 0. */
    static double advantage(double mu) {
        return delta(mu, 0);
    }

    /** The best attack's area under the curve, {@code Φ(μ/√2)}. */
    static double auc(double mu) {
        return 0.5 + 0.5 * advantage(Math.sqrt(2) * mu);
    }
}
