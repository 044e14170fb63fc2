/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgeqrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dorgqr;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dposv;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;

import java.util.Optional;
import java.util.function.IntSupplier;
import org.amend4j.internal.cpu.BlasThreads;

/**
 * Decompositions by LAPACK, backward stable: exact for a matrix within a small multiple of u·‖A‖. Their signs, which the
 * decompositions leave open, follow a rule, and all is computed by one thread: equal matrices give equal bytes on
 * one kind of processor.
 */
final class Decompositions {

    private static final byte THIN = 'S';
    private static final byte LOWER = 'L';

    private Decompositions() {}

    /**
     * A = U·diag(values)·Vᵀ with k = min(rows, columns). In each column of U the element of the largest magnitude, the first
     * of several, is positive.
     *
     * @param u [rows, k], orthonormal columns
     * @param values descending, [k]
     * @param v [columns, k], orthonormal columns
     */
    @SuppressWarnings("ArrayRecordComponent") // of this package, which compares and changes none
    public record Svd(Dense u, double[] values, Dense v) {}

    /**
     * A = Q·R with k = min(rows, columns). R's diagonal is not negative.
     *
     * @param q [rows, k], orthonormal columns
     * @param r [k, columns], upper trapezoidal
     */
    record Qr(Dense q, Dense r) {}

    /** By divide and conquer (LAPACK's gesdd). */
    public static Svd svd(Dense matrix) {
        int m = matrix.rows();
        int n = matrix.columns();
        int k = Math.min(m, n);
        double[] values = new double[k];
        Dense u = Dense.zero(m, k);
        Dense turnedV = Dense.zero(k, n);
        int info = alone(() -> LAPACKE_dgesdd(
                CblasColMajor, THIN, m, n, matrix.values().clone(), m, values, u.values(), m, turnedV.values(), k));
        requireDone("the singular value decomposition", info, matrix);
        Dense v = turnedV.transposed();
        for (int j = 0; j < k; j++) {
            if (largest(u, j) < 0) {
                negateInPlace(u.values(), j * m, 1, m);
                negateInPlace(v.values(), j * n, 1, n);
            }
        }
        return new Svd(u, values, v);
    }

    /** By Householder reflections. */
    static Qr qr(Dense matrix) {
        int m = matrix.rows();
        int n = matrix.columns();
        int k = Math.min(m, n);
        double[] factored = matrix.values().clone();
        double[] tau = new double[k];
        requireDone("the QR decomposition", alone(() -> LAPACKE_dgeqrf(CblasColMajor, m, n, factored, m, tau)), matrix);
        Dense r = Dense.zero(k, n);
        for (int j = 0; j < n; j++) {
            System.arraycopy(factored, j * m, r.values(), j * k, Math.min(j + 1, k));
        }
        Dense q = Dense.zero(m, k);
        System.arraycopy(factored, 0, q.values(), 0, m * k);
        requireDone(
                "the QR decomposition",
                alone(() -> LAPACKE_dorgqr(CblasColMajor, m, k, k, q.values(), m, tau)),
                matrix);
        for (int j = 0; j < k; j++) {
            if (r.at(j, j) < 0) {
                negateInPlace(q.values(), j * m, 1, m);
                negateInPlace(r.values(), j, k, n);
            }
        }
        return new Qr(q, r);
    }

    /**
     * X with AX = B, for a symmetric A; empty if it is not positive definite to rounding.
     *
     * @param matrix A, of which the lower triangle is read
     */
    public static Optional<Dense> solveDefinite(Dense matrix, Dense b) {
        Dense x = new Dense(b.rows(), b.columns(), b.values().clone());
        int info = alone(() -> LAPACKE_dposv(
                CblasColMajor,
                LOWER,
                matrix.rows(),
                b.columns(),
                matrix.values().clone(),
                matrix.rows(),
                x.values(),
                b.rows()));
        return info == 0 ? Optional.of(x) : Optional.empty();
    }

    private static int alone(IntSupplier call) {
        int[] info = {0};
        BlasThreads.one(() -> info[0] = call.getAsInt());
        return info[0];
    }

    private static void requireDone(String what, int info, Dense matrix) {
        if (info != 0) {
            throw new ArithmeticException(what + " of a matrix of " + matrix.rows() + " x " + matrix.columns()
                    + " must converge, got LAPACK's code " + info);
        }
    }

    private static double largest(Dense matrix, int column) {
        double largest = 0;
        for (int i = 0; i < matrix.rows(); i++) {
            double element = matrix.at(i, column);
            if (Math.abs(element) > Math.abs(largest)) {
                largest = element;
            }
        }
        return largest;
    }

    private static void negateInPlace(double[] values, int from, int step, int count) {
        for (int i = 0; i < count; i++) {
            values[from + i * step] = -values[from + i * step];
        }
    }
}
