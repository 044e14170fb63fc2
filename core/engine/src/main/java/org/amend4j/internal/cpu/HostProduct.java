/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.cpu.HostAttention.Rows;

/**
 * A product by OpenBLAS on one thread.
 *
 * @param product in order COLUMNS
 * @param type FLOAT or DOUBLE
 * @param a address of A
 * @param b address of B
 * @param c address of C
 */
record HostProduct(Gemm product, ElementType type, long a, long b, long c) implements Runnable {

    /** The work that is worth another thread. */
    static final double WORTHWHILE_FLOPS = 2e6;
    /** Rows or columns of a piece are a multiple of this, but for the last. */
    private static final int GRAIN = 16;

    /** Into how many pieces it is best divided, at most so many. */
    int pieces(int most) {
        double worthwhile = 2.0 * product.m() * product.n() * product.k() / WORTHWHILE_FLOPS;
        int lines = Math.max(product.m(), product.n()) / GRAIN;
        return (int) Math.max(1, Math.min(Math.min(most, lines), worthwhile));
    }

    /** A part of C's rows or columns, of whichever there are more. */
    HostProduct piece(int index, int pieces) {
        boolean rows = product.m() >= product.n();
        int lines = rows ? product.m() : product.n();
        int from = edge(lines, index, pieces);
        int count = edge(lines, index + 1, pieces) - from;
        if (rows) {
            long inA = product.transposeA() ? (long) from * product.leadingA() : from;
            return new HostProduct(
                    product.withM(count), type, a + inA * type.bytes(), b, c + (long) from * type.bytes());
        }
        long inB = product.transposeB() ? from : (long) from * product.leadingB();
        long inC = (long) from * product.leadingC();
        return new HostProduct(product.withN(count), type, a, b + inB * type.bytes(), c + inC * type.bytes());
    }

    private static int edge(int lines, int index, int pieces) {
        return index == pieces ? lines : (int) ((long) lines * index / pieces) / GRAIN * GRAIN;
    }

    /** {@code C = alpha·op(A)·op(B) + beta·C} of matrices whose columns these rows are, at once. */
    static void multiply(
            ElementType type,
            Rows a,
            boolean turnA,
            Rows b,
            boolean turnB,
            Rows c,
            int m,
            int n,
            int k,
            double alpha,
            double beta) {
        Gemm product = new Gemm(
                MatrixOrder.COLUMNS,
                turnA,
                turnB,
                m,
                n,
                k,
                alpha,
                a.stride(),
                b.stride(),
                beta,
                c.stride(),
                ProductPrecision.FP32);
        new HostProduct(product, type, a.address(), b.address(), c.address()).multiply();
    }

    /** The product of Java's arrays, at once. */
    static void multiply(Gemm product, double[] a, double[] b, double[] c) {
        cblas_dgemm(
                CblasColMajor,
                product.transposeA() ? CblasTrans : CblasNoTrans,
                product.transposeB() ? CblasTrans : CblasNoTrans,
                product.m(),
                product.n(),
                product.k(),
                product.alpha(),
                a,
                product.leadingA(),
                b,
                product.leadingB(),
                product.beta(),
                c,
                product.leadingC());
    }

    @Override
    public void run() {
        BlasThreads.one(this::multiply);
    }

    /** On this thread and as many as OpenBLAS likes to take. */
    void multiply() {
        if (type == ElementType.DOUBLE) {
            multiplyDoubles();
        } else {
            multiplyFloats();
        }
    }

    private void multiplyFloats() {
        cblas_sgemm(
                CblasColMajor,
                product.transposeA() ? CblasTrans : CblasNoTrans,
                product.transposeB() ? CblasTrans : CblasNoTrans,
                product.m(),
                product.n(),
                product.k(),
                (float) product.alpha(),
                RawPointers.floats(a),
                product.leadingA(),
                RawPointers.floats(b),
                product.leadingB(),
                (float) product.beta(),
                RawPointers.floats(c),
                product.leadingC());
    }

    private void multiplyDoubles() {
        cblas_dgemm(
                CblasColMajor,
                product.transposeA() ? CblasTrans : CblasNoTrans,
                product.transposeB() ? CblasTrans : CblasNoTrans,
                product.m(),
                product.n(),
                product.k(),
                product.alpha(),
                RawPointers.doubles(a),
                product.leadingA(),
                RawPointers.doubles(b),
                product.leadingB(),
                product.beta(),
                RawPointers.doubles(c),
                product.leadingC());
    }
}
