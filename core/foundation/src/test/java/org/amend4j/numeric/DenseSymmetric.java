/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import java.util.Arrays;
import java.util.Random;

/** A small dense symmetric matrix as an operator, and its eigenvalues by Jacobi's rotations. */
@SuppressWarnings("ArrayRecordComponent") // read only
public record DenseSymmetric(double[][] a) implements SymmetricOperator {

    /** Shapes of spectra that Lanczos implementations stumble over. */
    enum Kind {
        GAUSSIAN,
        /** Three different eigenvalues. */
        DEGENERATE,
        /** All but one within 1e-9. */
        CLUSTERED,
        LOW_RANK,
        /** Twelve orders of magnitude. */
        GRADED,
        INDEFINITE,
        IDENTITY,
        ZERO,
        /** Already diagonal, with signs. */
        DIAGONAL,
        /** Far from 1: squares of its entries underflow. */
        TINY
    }

    static DenseSymmetric random(Kind kind, int n, long seed) {
        Random random = new Random(seed);
        double[] spectrum = new double[n];
        for (int i = 0; i < n; i++) {
            spectrum[i] = switch (kind) {
                case DEGENERATE -> random.nextInt(3) - 1;
                case CLUSTERED -> i == 0 ? -2 : 1 + 1e-9 * random.nextDouble();
                case LOW_RANK -> i < 1 + n / 4 ? random.nextGaussian() : 0;
                case GRADED -> Math.pow(10, -12.0 * i / n);
                case INDEFINITE, DIAGONAL -> random.nextDouble() - 0.5;
                case IDENTITY -> 3;
                case ZERO -> 0;
                case GAUSSIAN -> random.nextGaussian();
                case TINY -> 1e-200 * random.nextGaussian();
            };
        }
        return kind == Kind.DIAGONAL ? diagonal(spectrum) : withSpectrum(spectrum, random);
    }

    static DenseSymmetric diagonal(double[] spectrum) {
        double[][] a = new double[spectrum.length][spectrum.length];
        for (int i = 0; i < spectrum.length; i++) {
            a[i][i] = spectrum[i];
        }
        return new DenseSymmetric(a);
    }

    /** {@code QΛQᵀ} with Q a product of n Householder reflections: symmetric to the last bit. */
    static DenseSymmetric withSpectrum(double[] spectrum, Random random) {
        int n = spectrum.length;
        double[][] a = diagonal(spectrum).a;
        for (int k = 0; k < n; k++) {
            double[] u = Vectors.randomUnit(n, random);
            double[] au = new double[n];
            new DenseSymmetric(a).apply(u, au);
            double uau = Vectors.dot(u, au);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    a[i][j] += 4 * uau * (u[i] * u[j]) - 2 * (u[i] * au[j] + au[i] * u[j]);
                    a[j][i] = a[i][j];
                }
            }
        }
        return new DenseSymmetric(a);
    }

    @Override
    public int dimension() {
        return a.length;
    }

    @Override
    public void apply(double[] v, double[] into) {
        for (int i = 0; i < a.length; i++) {
            into[i] = Vectors.dot(a[i], v);
        }
    }

    /** Largest absolute row sum, at least the largest |λ|. */
    double norm() {
        return Arrays.stream(a)
                .mapToDouble(row -> Arrays.stream(row).map(Math::abs).sum())
                .max()
                .orElseThrow();
    }

    /** What {@link #eigenvalues} and products may be off by: n rotations a sweep, a few sweeps, each ε. */
    public double rounding() {
        return 20 * a.length * Math.ulp(1.0) * norm();
    }

    /** All eigenvalues in ascending order, by cyclic Jacobi (Golub and Van Loan, 8.5), on a scaled copy. */
    public double[] eigenvalues() {
        int n = a.length;
        double scale = norm();
        double[][] b = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                b[i][j] = scale == 0 ? 0 : a[i][j] / scale;
            }
        }
        while (rotateAll(b)) {
            // another sweep
        }
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = b[i][i] * scale;
        }
        Arrays.sort(values);
        return values;
    }

    private static boolean rotateAll(double[][] b) {
        boolean rotated = false;
        for (int p = 0; p < b.length; p++) {
            for (int q = p + 1; q < b.length; q++) {
                if (Math.abs(b[p][q]) > 1e-17) {
                    rotate(b, p, q);
                    rotated = true;
                }
            }
        }
        return rotated;
    }

    private static void rotate(double[][] b, int p, int q) {
        double tau = (b[q][q] - b[p][p]) / (2 * b[p][q]);
        double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau));
        double c = 1 / Math.hypot(1, t);
        double s = t * c;
        for (int k = 0; k < b.length; k++) {
            double kp = b[k][p];
            b[k][p] = c * kp - s * b[k][q];
            b[k][q] = s * kp + c * b[k][q];
        }
        for (int k = 0; k < b.length; k++) {
            double pk = b[p][k];
            b[p][k] = c * pk - s * b[q][k];
            b[q][k] = s * pk + c * b[q][k];
        }
        b[p][q] = 0; // what the rotation was chosen for
        b[q][p] = 0;
    }
}
