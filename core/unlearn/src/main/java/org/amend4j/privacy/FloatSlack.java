/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import org.amend4j.numeric.Summation;

/**
 * How far a trajectory computed in double precision may be from the real one that the proofs are about; for linear
 * heads, logistic or softmax (docs/privacy.md, (7)). Errs upwards.
 *
 * @param summation how records' gradients are added
 * @param records k, how many are added in a step; in [1, 2^40]
 * @param normaliser B, by which the sum is divided; above 0
 * @param gradientBound G, on one record's gradient; above 0
 * @param featureRadius X, on one record's features; above 0
 * @param inputs dim, features of one record, the constant 1 included; at least 1
 * @param logits 1 for a logistic head, more for softmax
 */
public record FloatSlack(
        Summation summation,
        long records,
        double normaliser,
        double gradientBound,
        double featureRadius,
        int inputs,
        int logits) {

    private static final double UNIT = Summation.UNIT;

    /** What exp (good to 4 units), quotient, residual and its product with a feature may be off by, in units. */
    private static final double EVALUATION = 8;

    /** The update itself: two products, two sums. */
    private static final double UPDATE = 4;

    /** Room for the roundings of this class itself, which are a few dozen units. */
    private static final double UP = 1 + 1e-14;

    /** @throws IllegalArgumentException if a component is out of its range */
    public FloatSlack {
        summation.relativeError(records);
        checkPositive("normaliser", normaliser);
        checkPositive("gradient bound", gradientBound);
        checkPositive("feature radius", featureRadius);
        if (inputs < 1) {
            throw new IllegalArgumentException("inputs must be >= 1, got " + inputs);
        }
        if (logits < 1) {
            throw new IllegalArgumentException("logits must be >= 1, got " + logits);
        }
    }

    /**
     * The error of one step, {@code e = η(k/B)·[γ·G + X·r] + 4u·‖θ‖}, where a residual is off by
     * {@code r = ¼·dim·u·X·‖θ‖ + 8u} with one logit and by {@code r = ½·(dim + √(2c))·u·X·‖θ‖ + (8 + c)·u} with c.
     *
     * @param stepSize η, above 0
     * @param parameterNorm bound on ‖θ‖ before and after the step
     */
    public double ofStep(double stepSize, double parameterNorm) {
        checkPositive("step size", stepSize);
        checkNotNegative("parameter norm", parameterNorm);
        double record = summation.relativeError(records) * gradientBound + featureRadius * residual(parameterNorm);
        return (stepSize * (records / normaliser) * record + UPDATE * UNIT * parameterNorm) * UP;
    }

    /**
     * The error of a gradient of the sum over its normaliser with weight decay, {@code (k/B)·[(γ + 4u)·G + X·r] + 4u·λ·‖θ‖}, with r as in
     * {@link #ofStep} (docs/privacy.md, (9)).
     *
     * @param weightDecay λ, at least 0
     * @param parameterNorm bound on ‖θ‖
     */
    public double ofGradient(double weightDecay, double parameterNorm) {
        checkNotNegative("weight decay", weightDecay);
        checkNotNegative("parameter norm", parameterNorm);
        double relative = summation.relativeError(records) + UPDATE * UNIT;
        double record = relative * gradientBound + featureRadius * residual(parameterNorm);
        return ((records / normaliser) * record + UPDATE * UNIT * weightDecay * parameterNorm) * UP;
    }

    private double residual(double parameterNorm) {
        double reach = UNIT * featureRadius * parameterNorm;
        if (logits == 1) {
            return inputs * reach / 4 + EVALUATION * UNIT;
        }
        // Softmax is ½-Lipschitz. Logits less the largest are at most √2·X·‖θ‖ and rounded once each; the sum has c
        // terms.
        return (inputs + Math.sqrt(2.0 * logits)) * reach / 2 + (EVALUATION + logits) * UNIT;
    }

    /** One step further: {@code ρ·slack + e}, where ρ bounds the growth of distances in the step. Start at 0. */
    public static double afterStep(double slack, double growth, double stepError) {
        checkNotNegative("slack", slack);
        if (!(growth >= 0 && growth < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("growth must be at least 0 and finite, got " + growth);
        }
        checkNotNegative("step error", stepError);
        return Math.nextUp(Math.nextUp(growth * slack) + stepError);
    }

    /**
     * {@code Δ + 2·slack}: the sensitivity that computed models have, each of the two being off by the slack.
     *
     * @param sensitivity Δ of the real trajectories; above 0 and finite
     * @param slack of one trajectory, from {@link #afterStep}
     * @throws ArithmeticException if {@code Δ < 2·slack}: then the certificate would be about rounding errors
     */
    public static double addTo(double sensitivity, double slack) {
        GaussianMechanism.checkSensitivity(sensitivity);
        checkNotNegative("slack", slack);
        if (sensitivity < 2 * slack) {
            throw new ArithmeticException(
                    "the models may differ by " + sensitivity + ", but rounding alone may make that " + 2 * slack
                            + ": double precision cannot carry the certificate");
        }
        return Math.nextUp(sensitivity + 2 * slack);
    }

    private static void checkPositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " must be above 0 and finite, got " + value);
        }
    }

    private static void checkNotNegative(String what, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(what + " must be at least 0, got " + value);
        }
    }
}
