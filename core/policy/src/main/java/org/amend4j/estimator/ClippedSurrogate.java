/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import org.amend4j.internal.validation.Checks;

/**
 * The clipped objective of PPO (Schulman and others 2017), to be maximised: mean min(ρA, clip(ρ, 1-c, 1+c)A) with the ratio
 * ρ = π_θ(a|s)/π_old(a|s). At ρ = 1 its gradient is that of the advantages; where the clip is active it is zero.
 *
 * <p>Ratios come as logarithms, log π_θ - log π_old, one per row, finite and at most 700.
 *
 * @param clip c in (0, 1)
 */
public record ClippedSurrogate(double clip) {

    /** Above this exp is near overflow, and no such ratio means anything. */
    private static final double MOST = 700;

    /** @throws IllegalArgumentException if the clip is not in (0, 1) */
    public ClippedSurrogate {
        Checks.insideUnit("the clip", clip);
    }

    /** The objective; minus it is the usual loss. */
    public double value(double[] logRatios, double[] advantages) {
        check(logRatios, advantages);
        double sum = 0;
        for (int row = 0; row < logRatios.length; row++) {
            double ratio = StrictMath.exp(logRatios[row]);
            sum += Math.min(ratio * advantages[row], clipped(ratio) * advantages[row]);
        }
        return sum / logRatios.length;
    }

    /**
     * The derivative of the objective with respect to log π_θ(a|s) of each row: ρA/n where the minimum is the unclipped term, 0
     * elsewhere. At the two kinks it is the unclipped side's.
     */
    public double[] derivative(double[] logRatios, double[] advantages) {
        check(logRatios, advantages);
        double[] result = new double[logRatios.length];
        for (int row = 0; row < result.length; row++) {
            double ratio = StrictMath.exp(logRatios[row]);
            double unclipped = ratio * advantages[row];
            result[row] = unclipped <= clipped(ratio) * advantages[row] ? unclipped / result.length : 0;
        }
        return result;
    }

    /** The share of rows with a ratio further from 1 than c, whether or not that stops their gradient. */
    public double clipFraction(double[] logRatios) {
        check(logRatios);
        int count = 0;
        for (double logRatio : logRatios) {
            if (Math.abs(StrictMath.exp(logRatio) - 1) > clip) {
                count++;
            }
        }
        return (double) count / logRatios.length;
    }

    /** mean((ρ - 1) - log ρ), an estimate of KL(π_old ‖ π_θ) that is never negative and has its expectation. */
    public static double approximateKl(double[] logRatios) {
        check(logRatios);
        double sum = 0;
        for (double logRatio : logRatios) {
            sum += Math.max(0, StrictMath.expm1(logRatio) - logRatio);
        }
        return sum / logRatios.length;
    }

    private double clipped(double ratio) {
        return Math.max(1 - clip, Math.min(1 + clip, ratio));
    }

    private static void check(double[] logRatios, double[] advantages) {
        check(logRatios);
        ColumnChecks.count("advantages", advantages.length, logRatios.length);
        ColumnChecks.finite("an advantage", advantages);
    }

    private static void check(double[] logRatios) {
        ColumnChecks.some("a batch of ratios", logRatios);
        for (int row = 0; row < logRatios.length; row++) {
            if (!(Math.abs(logRatios[row]) <= MOST)) {
                throw new IllegalArgumentException("the logarithm of a ratio must be in [-700, 700], got "
                        + logRatios[row] + " (row " + row + ")");
            }
        }
    }
}
