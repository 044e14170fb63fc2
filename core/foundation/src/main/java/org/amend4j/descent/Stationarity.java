/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.Locale;
import org.amend4j.numeric.Eigenpair;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Objective;

/**
 * First and second derivatives of an objective that is minimised, at a point, and what they say about it. Evidence, not
 * proof: a Krylov space may miss an eigenvalue, and second derivatives are differences whose error is estimated.
 *
 * @param gradientNorm ‖∇J(θ)‖
 * @param curvature the ends of the Hessian's spectrum; residuals are measured, {@code ‖Hv - λv‖}
 * @param differenceError estimate of the error of the products with the two eigenvectors, the larger one
 * @param gradientTolerance ε, largest gradient norm of a point that counts as stationary, at least 0
 * @param curvatureTolerance τ, largest negative curvature that counts as none, at least 0; √(ρε) in the definition of an
 *     ε-second-order stationary point for a ρ-Lipschitz Hessian (Nesterov and Polyak 2006)
 */
public record Stationarity(
        double gradientNorm,
        ExtremeEigenvalues curvature,
        double differenceError,
        double gradientTolerance,
        double curvatureTolerance) {

    /** Failure probability that {@link #words} uses for what may be unseen. */
    private static final double DELTA = 0.01;

    /** What the numbers say. */
    public enum Verdict {
        /** Gradient within ε, and a direction whose curvature is below -τ by more than residual and error. */
        STRICT_SADDLE,
        /** Such a direction, but a gradient above ε: descent continues either way. */
        NEGATIVE_CURVATURE,
        /** Gradient within ε, and no curvature below -τ was seen, residual and error deducted. */
        SECOND_ORDER_CONSISTENT,
        /** Anything else. */
        INCONCLUSIVE
    }

    /** @throws IllegalArgumentException if a number is out of its range */
    public Stationarity {
        nonNegative("the gradient norm", gradientNorm);
        nonNegative("the error of differences", differenceError);
        nonNegative("the gradient tolerance", gradientTolerance);
        nonNegative("the curvature tolerance", curvatureTolerance);
    }

    /**
     * Measures a point: one gradient, and two per Lanczos step, for the residuals, and four per error.
     *
     * @param theta the point, [dimension]; only read
     * @throws IllegalArgumentException if the objective computes in FLOAT, or an argument is out of its range
     * @throws ArithmeticException if a gradient is not finite
     */
    public static Stationarity at(
            Objective objective, double[] theta, Lanczos lanczos, double gradientTolerance, double curvatureTolerance) {
        HessianVector hessian = HessianVector.at(objective, theta);
        double gradientNorm = gradientNorm(objective, theta);
        ExtremeEigenvalues bounds = lanczos.of(hessian, Lanczos.Ends.BOTH);
        ExtremeEigenvalues measured = new ExtremeEigenvalues(
                bounds.smallest().measured(hessian),
                bounds.largest().measured(hessian),
                bounds.converged(),
                bounds.dimension(),
                bounds.steps(),
                bounds.breakdowns(),
                bounds.defect(),
                bounds.seed());
        double error = Math.max(
                hessian.error(bounds.smallest().vector()),
                hessian.error(bounds.largest().vector()));
        return new Stationarity(gradientNorm, measured, error, gradientTolerance, curvatureTolerance);
    }

    private static double gradientNorm(Objective objective, double[] theta) {
        double[] gradient = new double[objective.dimension()];
        objective.valueAndGradient(theta, gradient);
        double norm = 0;
        for (double element : gradient) {
            norm = Math.hypot(norm, element);
        }
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException("the gradient must be finite at the point, got the norm " + norm);
        }
        return norm;
    }

    private static void nonNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be >= 0 and finite, got " + value);
        }
    }

    /** How far the Hessian's eigenvalue may be from the smallest Ritz value: residual and error of the differences. */
    public double margin() {
        return curvature.smallest().residual() + differenceError;
    }

    /** What the numbers say. */
    public Verdict verdict() {
        double smallest = curvature.smallest().value();
        boolean stationary = gradientNorm <= gradientTolerance;
        if (smallest + margin() < -curvatureTolerance) {
            return stationary ? Verdict.STRICT_SADDLE : Verdict.NEGATIVE_CURVATURE;
        }
        return stationary && smallest - margin() >= -curvatureTolerance
                ? Verdict.SECOND_ORDER_CONSISTENT
                : Verdict.INCONCLUSIVE;
    }

    /** The verdict with its numbers, in one sentence. */
    public String words() {
        return switch (verdict()) {
                    case STRICT_SADDLE -> "Strict saddle: ";
                    case NEGATIVE_CURVATURE -> "Not stationary, with negative curvature: ";
                    case SECOND_ORDER_CONSISTENT -> "Consistent with a second-order stationary point: ";
                    case INCONCLUSIVE -> "Inconclusive: ";
                }
                + numbers();
    }

    private String numbers() {
        Eigenpair smallest = curvature.smallest();
        Eigenpair largest = curvature.largest();
        return String.format(
                Locale.ROOT,
                "gradient norm %.3g (tolerance %.3g), Hessian eigenvalues from %.6g (residual %.2g) to %.6g (residual %.2g)"
                        + " by %d Lanczos steps of seed %d, error of differences about %.2g, curvature tolerance %.3g;"
                        + " evidence, not proof (with probability %.2g over the start, no eigenvalue is further out than"
                        + " %.3g).",
                gradientNorm,
                gradientTolerance,
                smallest.value(),
                smallest.residual(),
                largest.value(),
                largest.residual(),
                curvature.steps(),
                curvature.seed(),
                differenceError,
                curvatureTolerance,
                1 - DELTA,
                curvature.unseen(DELTA));
    }
}
