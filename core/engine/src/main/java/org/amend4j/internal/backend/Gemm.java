/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.validation.Checks;

/**
 * The matrix product C = alpha · op(A) · op(B) + beta · C, op(A) [m, k], op(B) [k, n], C [m, n]. With beta = 0, C's old contents
 * are not read. A leading dimension is the distance between two rows (order ROWS) or two columns (COLUMNS) of the matrix as
 * stored, before op.
 *
 * @param order how all three matrices lie in memory
 * @param transposeA whether op(A) = Aᵀ, so that A is stored as [k, m]
 * @param transposeB whether op(B) = Bᵀ, so that B is stored as [n, k]
 */
@RecordBuilder
public record Gemm(
        MatrixOrder order,
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        double alpha,
        int leadingA,
        int leadingB,
        double beta,
        int leadingC,
        ProductPrecision precision)
        implements GemmBuilder.With {

    public Gemm {
        Checks.present("order", order);
        Checks.present("precision", precision);
        Checks.atLeast(0, "m", m);
        Checks.atLeast(0, "n", n);
        Checks.atLeast(0, "k", k);
        Checks.finite("alpha", alpha);
        Checks.finite("beta", beta);
        checkLeading("A", leadingA, transposeA ? k : m, transposeA ? m : k, order);
        checkLeading("B", leadingB, transposeB ? n : k, transposeB ? k : n, order);
        checkLeading("C", leadingC, m, n, order);
    }

    private static void checkLeading(String matrix, int leading, int rows, int columns, MatrixOrder order) {
        int least = Math.max(1, order == MatrixOrder.ROWS ? columns : rows);
        if (leading < least) {
            throw new IllegalArgumentException("leading dimension of " + matrix + " must be >= " + least + " for ["
                    + rows + ", " + columns + "] in order " + order + ", got " + leading);
        }
    }

    /** C = A·B on gapless matrices with contiguous rows, in single precision. */
    public static Gemm rows(int m, int n, int k) {
        return contiguous(MatrixOrder.ROWS, false, false, m, n, k);
    }

    /** C = op(A)·op(B) on gapless matrices, in single precision. */
    public static Gemm contiguous(MatrixOrder order, boolean transposeA, boolean transposeB, int m, int n, int k) {
        boolean rows = order == MatrixOrder.ROWS;
        return new Gemm(
                order,
                transposeA,
                transposeB,
                m,
                n,
                k,
                1,
                Math.max(1, transposeA == rows ? m : k),
                Math.max(1, transposeB == rows ? k : n),
                0,
                Math.max(1, rows ? n : m),
                ProductPrecision.FP32);
    }

    /** This product times alpha, plus beta times the old C. */
    public Gemm withFactors(double newAlpha, double newBeta) {
        return withAlpha(newAlpha).withBeta(newBeta);
    }

    /** This product on matrices with gaps. */
    public Gemm withLeading(int a, int b, int c) {
        return with().leadingA(a).leadingB(b).leadingC(c).build();
    }

    /**
     * The same numbers at the same places, written as a product of matrices in order COLUMNS, which is all BLAS knows: rows of C
     * are columns of Cᵀ = op(B)ᵀ·op(A)ᵀ, so the factors change places. Where this is in order ROWS, callers pass B first.
     */
    public Gemm inColumns() {
        if (order == MatrixOrder.COLUMNS) {
            return this;
        }
        return new Gemm(
                MatrixOrder.COLUMNS,
                transposeB,
                transposeA,
                n,
                m,
                k,
                alpha,
                leadingB,
                leadingA,
                beta,
                leadingC,
                precision);
    }

    /** Elements from the first to the last of A as stored. */
    public long extentA() {
        return extent(leadingA, transposeA ? k : m, transposeA ? m : k);
    }

    /** Elements from the first to the last of B as stored. */
    public long extentB() {
        return extent(leadingB, transposeB ? n : k, transposeB ? k : n);
    }

    /** Elements from the first to the last of C. */
    public long extentC() {
        return extent(leadingC, m, n);
    }

    private long extent(int leading, int rows, int columns) {
        if (rows == 0 || columns == 0) {
            return 0;
        }
        int lines = order == MatrixOrder.ROWS ? rows : columns;
        int within = order == MatrixOrder.ROWS ? columns : rows;
        return (long) (lines - 1) * leading + within;
    }
}
