/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, "Matrix
 * Computations", 8.5). Errors are a few n unit roundoffs of the largest, in either direction; {@link LargestEigenvalue} never errs
 * downwards. Meant for orders up to a few hundred: a sweep takes about 6n³ operations, and six to ten sweeps are usual.
 *
 * @param values ascending, [n]; owned by the spectrum, not to be changed
 * @param vectors [k][n]: the unit vector of the k-th value; owned by the spectrum, not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // matrices of hundreds of rows are not copied at each access
public record SymmetricSpectrum(double[] values, double[][] vectors) {

    /** Elements off the diagonal of this share of the largest element are left out; each moves no value further. */
    private static final double NEGLIGIBLE = 0x1p-60;

    private static final int MOST_SWEEPS = 60;

    /**
     * The spectrum of (A + Aᵀ)/2.
     *
     * @param matrix A, [n][n]; only read
     * @throws IllegalArgumentException if it is not square
     * @throws ArithmeticException if a number is not finite
     */
    public static SymmetricSpectrum of(double[][] matrix) {
        double[][] a = square(matrix);
        double size = Matrices.size(a);
        if (!Double.isFinite(size)) {
            throw new ArithmeticException("a matrix must be finite to have a spectrum, got an element " + size);
        }
        double[][] vectors = Matrices.identity(a.length);
        int sweeps = 0;
        while (sweep(a, vectors, NEGLIGIBLE * size)) {
            if (++sweeps > MOST_SWEEPS) {
                throw new ArithmeticException("Jacobi rotations must end within " + MOST_SWEEPS + " sweeps");
            }
        }
        int[] order = IntStream.range(0, a.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> a[i][i]))
                .mapToInt(i -> i)
                .toArray();
        double[] values = new double[a.length];
        double[][] sorted = new double[a.length][];
        for (int k = 0; k < order.length; k++) {
            values[k] = a[order[k]][order[k]];
            sorted[k] = vectors[order[k]];
        }
        return new SymmetricSpectrum(values, sorted);
    }

    private static double[][] square(double[][] matrix) {
        for (double[] row : matrix) {
            if (row.length != matrix.length) {
                throw new IllegalArgumentException(
                        "matrix must be square, got a row of " + row.length + " (rows " + matrix.length + ")");
            }
        }
        double[][] a = Matrices.copy(matrix);
        Matrices.symmetriseInPlace(a);
        return a;
    }

    /** The smallest eigenvalue. */
    public double smallest() {
        return values[0];
    }

    /** The largest eigenvalue. */
    public double largest() {
        return values[values.length - 1];
    }

    /** The largest eigenvalue, where it is not negative rounded up over the errors of a spectrum many times: by 1e-12 of itself. */
    public double largestFromAbove() {
        return largest() * (1 + 1e-12);
    }

    /** The unit vector of the largest eigenvalue, a copy; its sign means nothing. */
    public double[] top() {
        return vectors[values.length - 1].clone();
    }

    private static boolean sweep(double[][] a, double[][] vectors, double negligible) {
        boolean rotated = false;
        for (int p = 0; p < a.length; p++) {
            for (int q = p + 1; q < a.length; q++) {
                if (Math.abs(a[p][q]) > negligible) {
                    double tau = JacobiRotation.cotangentOfTwice(a, p, q);
                    JacobiRotation rotation = JacobiRotation.of(p, q, tau, Math.hypot(1, tau));
                    rotation.applyInPlace(a);
                    rotation.turnRowsInPlace(vectors);
                    rotated = true;
                }
            }
        }
        return rotated;
    }
}
