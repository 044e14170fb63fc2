/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Cholesky;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.Vectors;

/**
 * Logistic regression by Newton's method (iteratively reweighted least squares): the minimiser of {@code Σ ln(1 + e^(-s z)) +
 * (ridge/2)‖w‖²}, where {@code z = b + wᵀx} on standardised columns and s is ±1. The intercept b is not penalised. Columns
 * that do not vary get weight 0. Immutable.
 */
final class LogisticRegression {

    private static final int MOST_STEPS = 100;
    private static final int MOST_HALVINGS = 40;
    /** Newton's step after which the next is below rounding, as it converges quadratically. */
    private static final double SMALL_STEP = 1e-9;

    private final StandardColumns standard;
    /** Intercept first. */
    private final double[] weights;

    private final boolean converged;

    private LogisticRegression(StandardColumns standard, double[] weights, boolean converged) {
        this.standard = standard;
        this.weights = weights;
        this.converged = converged;
    }

    /**
     * Fits.
     *
     * @param rows [cases][columns], finite
     * @param positive the class of each; both must occur
     * @param ridge at least 0; with 0 there is no minimiser where the classes can be separated, and {@link #converged} says so
     */
    public static LogisticRegression fit(double[][] rows, boolean[] positive, double ridge) {
        SubjectScores.checkRows("a logistic regression", rows);
        Checks.notNegative("ridge", ridge);
        checkClasses(rows.length, positive);
        StandardColumns standard = StandardColumns.of(rows);
        double[][] x = Arrays.stream(rows).map(standard::apply).toArray(double[][]::new);
        double[] weights = new double[x[0].length];
        boolean converged = false;
        for (int step = 0; step < MOST_STEPS && !converged; step++) {
            double[] direction = newton(x, positive, ridge, weights);
            double length = accepted(x, positive, ridge, weights, direction);
            if (!(length > 0)) {
                break;
            }
            for (int j = 0; j < weights.length; j++) {
                weights[j] += length * direction[j];
            }
            converged = Vectors.normInOrder(direction) <= SMALL_STEP * (1 + Vectors.normInOrder(weights));
        }
        return new LogisticRegression(standard, weights, converged);
    }

    private static void checkClasses(int cases, boolean[] positive) {
        if (positive.length != cases) {
            throw new IllegalArgumentException(
                    "each row needs a class: got " + cases + " rows and " + positive.length + " classes");
        }
        int positives = 0;
        for (boolean one : positive) {
            positives += one ? 1 : 0;
        }
        if (positives == 0 || positives == cases) {
            throw new IllegalArgumentException(
                    "a logistic regression needs both classes, got " + positives + " positive of " + cases);
        }
    }

    /** Whether the minimiser was found. */
    public boolean converged() {
        return converged;
    }

    /** b, on standardised columns. */
    public double intercept() {
        return weights[0];
    }

    /** w, on standardised columns (mean 0, mean square 1); a copy. */
    public double[] weights() {
        return Arrays.copyOfRange(weights, 1, weights.length);
    }

    /** z of a row: the log odds of being positive. */
    public double logOdds(double[] row) {
        if (row.length != weights.length - 1) {
            throw new IllegalArgumentException(
                    "a row must have " + (weights.length - 1) + " columns, got " + row.length);
        }
        return Matrices.dot(weights, standard.apply(row));
    }

    /** The solution of H·direction = -gradient; not finite if H is not positive definite. */
    private static double[] newton(double[][] x, boolean[] positive, double ridge, double[] weights) {
        int p = weights.length;
        double[] downhill = new double[p];
        double[][] hessian = new double[p][p];
        for (int j = 1; j < p; j++) {
            downhill[j] = -ridge * weights[j];
            hessian[j][j] = ridge;
        }
        for (int i = 0; i < x.length; i++) {
            double z = Matrices.dot(weights, x[i]);
            double chance = 1 / (1 + Math.exp(-z));
            double error = (positive[i] ? 1 : 0) - chance;
            double curvature = chance * (1 - chance);
            for (int j = 0; j < p; j++) {
                downhill[j] += error * x[i][j];
                for (int k = 0; k <= j; k++) {
                    hessian[j][k] += curvature * x[i][j] * x[i][k];
                }
            }
        }
        for (int j = 1; j < p; j++) {
            hessian[j][j] += hessian[j][j] == 0 ? 1 : 0; // a column of zeros, without ridge: its weight stays 0
        }
        return Cholesky.of(hessian).solve(downhill);
    }

    /** The first of 1, 1/2, 1/4, … that does not increase the objective, or 0. */
    private static double accepted(
            double[][] x, boolean[] positive, double ridge, double[] weights, double[] direction) {
        double before = objective(x, positive, ridge, weights);
        double length = 1;
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            double[] next = weights.clone();
            for (int j = 0; j < next.length; j++) {
                next[j] += length * direction[j];
            }
            // At the minimum the objective is flat to rounding.
            if (objective(x, positive, ridge, next) <= before * (1 + 1e-13)) {
                return length;
            }
            length /= 2;
        }
        return 0;
    }

    private static double objective(double[][] x, boolean[] positive, double ridge, double[] weights) {
        double sum = 0;
        for (int j = 1; j < weights.length; j++) {
            sum += ridge / 2 * weights[j] * weights[j];
        }
        for (int i = 0; i < x.length; i++) {
            double margin = (positive[i] ? 1 : -1) * Matrices.dot(weights, x[i]);
            sum += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
        }
        return sum;
    }
}
