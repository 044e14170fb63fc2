/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.numeric.Vectors;

/** Gradients of single trajectories: their mean, and the size of their second moment mean ĝĝᵀ. */
final class GradientMoments {

    /** The largest eigenvalue is computed up to that many parameters. */
    private static final int MOST_EIGENVALUES = 80;

    /** The most elements for which the matrix is formed too, with a Frobenius norm that is not less; above, its trace serves. */
    private static final int MOST_ELEMENTS = 600;

    private final double[] sum;
    private final double[][] products;
    private final boolean[] moved;
    private double squares;
    private int count;

    GradientMoments(int dimension) {
        sum = new double[dimension];
        products = dimension <= MOST_ELEMENTS ? new double[dimension][dimension] : new double[0][];
        moved = new boolean[dimension];
    }

    void add(double[] gradient) {
        count++;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += gradient[i];
            squares += gradient[i] * gradient[i];
            moved[i] |= gradient[i] != 0;
            for (int j = 0; products.length > 0 && j <= i; j++) {
                products[i][j] += gradient[i] * gradient[j];
            }
        }
    }

    int count() {
        return count;
    }

    /** ‖ḡ‖. */
    double norm() {
        return Vectors.correctedNorm(sum) / count;
    }

    /** Number of parameters in which no trajectory had a gradient. */
    int unmoved() {
        int still = 0;
        for (boolean any : moved) {
            still += any ? 0 : 1;
        }
        return still;
    }

    /** Of mean ⟨u, ĝ⟩² over unit vectors u the greatest, or something larger. */
    double largestSquare() {
        if (products.length == 0) {
            return squares / count;
        }
        double[][] mean = new double[sum.length][sum.length];
        double frobenius = 0;
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                mean[i][j] = products[Math.max(i, j)][Math.min(i, j)] / count;
                frobenius += mean[i][j] * mean[i][j];
            }
        }
        return mean.length <= MOST_EIGENVALUES
                ? SymmetricSpectrum.of(mean).largestFromAbove()
                : Math.min(Math.sqrt(frobenius), squares / count);
    }
}
