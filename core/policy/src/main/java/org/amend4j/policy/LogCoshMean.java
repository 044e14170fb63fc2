/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/**
 * E log cosh(μ + σξ) of a standard normal ξ, which has no closed form, by the trapezoidal rule, and the exact gradient of
 * that sum.
 *
 * <p>log cosh is analytic up to ±iπ/2. The rule's points are at most 1/4 apart in ξ and in σξ, and lie within ±8.5; so the
 * theorem of Trefethen and Weideman (2014, 5.1), for the strip |Im σξ| &lt; π/2 or |Im ξ| &lt; π/2, whichever is narrower, bounds
 * what the step costs by 2M/(exp(4π²) - 1) with M ≤ e^{π²/8}(|μ| + σ + 3): less than 1e-16·(|μ| + σ + 3). What lies beyond 8.5 is
 * of the same size. That holds for σ ≤ 64; beyond, points become no more, and the error grows like σ·1e-6.
 *
 * @param value the mean
 * @param byMean its derivative with respect to μ, E tanh(μ + σξ)
 * @param byLogDeviation its derivative with respect to log σ, E σξ tanh(μ + σξ)
 */
record LogCoshMean(double value, double byMean, double byLogDeviation) {

    private static final double LOG_2 = Math.log(2);

    /** Points between 0 and 1. */
    private static final int FEWEST = 4;

    private static final int MOST = 256;
    private static final double REACH = 8.5;

    /** Of ξ = k/{@value #MOST}. */
    private static final double[] DENSITY = new double[(int) (REACH * MOST) + 1];

    static {
        for (int k = 0; k < DENSITY.length; k++) {
            double xi = (double) k / MOST;
            DENSITY[k] = StrictMath.exp(-xi * xi / 2) / StrictMath.sqrt(2 * Math.PI);
        }
    }

    static LogCoshMean of(double mean, double deviation) {
        int points = FEWEST;
        while (points < FEWEST * deviation && points < MOST) {
            points *= 2;
        }
        int reach = (int) (REACH * points);
        double value = 0;
        double byMean = 0;
        double byLogDeviation = 0;
        for (int k = -reach; k <= reach; k++) {
            double offset = deviation * k / points;
            double size = Math.abs(mean + offset);
            double e = Math.exp(-2 * size);
            double tanh = Math.copySign((1 - e) / (1 + e), mean + offset);
            double weight = DENSITY[Math.abs(k) * (MOST / points)] / points;
            value += weight * (size + Math.log1p(e) - LOG_2);
            byMean += weight * tanh;
            byLogDeviation += weight * offset * tanh;
        }
        return new LogCoshMean(value, byMean, byLogDeviation);
    }
}
