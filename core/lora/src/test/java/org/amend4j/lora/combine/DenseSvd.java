/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Singular values and right vectors of a dense matrix by one-sided Jacobi rotations: slow, short, and nobody else's code. */
final class DenseSvd {

    private final double[][] columns;
    private final double[][] vectors;
    private final int[] order;

    DenseSvd(double[][] matrix) {
        int n = matrix[0].length;
        columns = new double[n][matrix.length];
        vectors = new double[n][n];
        for (int j = 0; j < n; j++) {
            vectors[j][j] = 1;
            for (int i = 0; i < matrix.length; i++) {
                columns[j][i] = matrix[i][j];
            }
        }
        for (int sweep = 0; sweep < 40; sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotate(p, q);
                }
            }
        }
        order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(j -> -dot(columns[j], columns[j])))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void rotate(int p, int q) {
        double both = dot(columns[p], columns[q]);
        if (both == 0) {
            return;
        }
        double zeta = (dot(columns[q], columns[q]) - dot(columns[p], columns[p])) / (2 * both);
        double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
        double cos = 1 / Math.hypot(1, t);
        turn(columns[p], columns[q], cos, cos * t);
        turn(vectors[p], vectors[q], cos, cos * t);
    }

    private static void turn(double[] x, double[] y, double cos, double sin) {
        for (int i = 0; i < x.length; i++) {
            double old = x[i];
            x[i] = cos * old - sin * y[i];
            y[i] = sin * old + cos * y[i];
        }
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** Root of the sum of the squares of the singular values behind the first. */
    double tail(int rank) {
        double squares = 0;
        for (int k = rank; k < order.length; k++) {
            squares += dot(columns[order[k]], columns[order[k]]);
        }
        return Math.sqrt(squares);
    }

    double value(int k) {
        return Math.sqrt(dot(columns[order[k]], columns[order[k]]));
    }

    /** The nearest matrix of a rank. */
    double[][] truncated(int rank) {
        double[][] sum = new double[columns[0].length][vectors.length];
        for (int k = 0; k < Math.min(rank, order.length); k++) {
            for (int i = 0; i < sum.length; i++) {
                for (int j = 0; j < vectors.length; j++) {
                    sum[i][j] += columns[order[k]][i] * vectors[order[k]][j];
                }
            }
        }
        return sum;
    }
}
