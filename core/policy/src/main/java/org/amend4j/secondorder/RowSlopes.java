/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.function.UnaryOperator;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;

/**
 * First and second derivatives of log π(a|s) along a unit vector v at θ₀, row by row, from log-probabilities at θ₀, θ₀ ± hv and θ₀ ± 2hv.
 *
 * @param first [rows]
 * @param second [rows]
 * @param step h
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
record RowSlopes(double[] first, double[] second, double step) {

    static RowSlopes of(FrozenBatch batch, double[] direction) {
        return of(batch.home(), batch.homeLogProbabilities(), direction, batch::logProbabilities);
    }

    /**
     * From log-probabilities that the caller computes.
     *
     * @param home θ₀
     * @param atHome log-probabilities there
     * @param direction not 0; its length does not matter
     * @param elsewhere log-probabilities at other parameters
     */
    static RowSlopes of(double[] home, double[] atHome, double[] direction, UnaryOperator<double[]> elsewhere) {
        double norm = Checks.positive("the length of a direction", Vectors.normInOrder(direction));
        double step = StrictMath.pow(Math.ulp(1.0) * Math.max(1, Vectors.normInOrder(home)), 1.0 / 6);
        double[][] at = new double[5][];
        for (int i = 0; i < 5; i++) {
            at[i] = i == 2 ? atHome : elsewhere.apply(moved(home, direction, (i - 2) * step / norm));
        }
        double[] first = new double[atHome.length];
        double[] second = new double[atHome.length];
        for (int k = 0; k < atHome.length; k++) {
            first[k] = (8 * (at[3][k] - at[1][k]) - (at[4][k] - at[0][k])) / (12 * step);
            second[k] = (16 * (at[3][k] + at[1][k]) - (at[4][k] + at[0][k]) - 30 * at[2][k]) / (12 * step * step);
            if (!Double.isFinite(first[k]) || !Double.isFinite(second[k])) {
                throw new ArithmeticException("log-probabilities near the policy must be finite (row " + k + ")");
            }
        }
        return new RowSlopes(first, second, step);
    }

    private static double[] moved(double[] theta, double[] direction, double distance) {
        double[] moved = new double[theta.length];
        for (int i = 0; i < theta.length; i++) {
            moved[i] = theta[i] + distance * direction[i];
        }
        return moved;
    }
}
