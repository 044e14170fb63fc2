/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.amend4j.internal.lora.layer.LayerShare.Term;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Adds the low-rank products of a few rows at a time, by OpenBLAS itself: ND4J's calls take longer than such products do. Rows in C order
 * are the columns of a matrix that OpenBLAS knows.
 *
 * @param x [n, inputs], in C order and without gaps, on the CPU
 * @param y [n, columns], likewise
 * @param p room for {@code xA} of the rows of any call
 */
record FewRows(INDArray x, INDArray y, INDArray p) {

    static final boolean ON_CPU = Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");

    /** Whether arrays lie so that this can be used. */
    static boolean takes(INDArray x, INDArray y) {
        return ON_CPU
                && (y.dataType() == DataType.FLOAT || y.dataType() == DataType.DOUBLE)
                && x.dataType() == y.dataType()
                && areRows(x)
                && areRows(y);
    }

    private static boolean areRows(INDArray array) {
        return array.stride(1) == 1 && array.stride(0) == array.size(1);
    }

    /** Whether the factors have no gaps in Fortran order. */
    static boolean takes(Term term) {
        return areColumns(term.a()) && areColumns(term.b());
    }

    private static boolean areColumns(INDArray array) {
        return array.stride(0) == 1 && array.stride(1) == array.size(0);
    }

    /** Adds {@code s·(xA)B} to some consecutive rows. */
    void add(Term term, long from, long count) {
        int inputs = (int) x.size(1);
        int columns = (int) y.size(1);
        int rank = (int) term.a().size(1);
        multiply(new int[] {rank, (int) count, inputs}, 1, term.a(), x, from * inputs, 0, p, 0);
        multiply(new int[] {columns, (int) count, rank}, term.scaling(), term.b(), p, 0, 1, y, from * columns);
    }

    /** {@code C = alpha·MᵀR + beta·C} with [m, n, k] = sizes, M [k, m], R [k, n], C [m, n], in Fortran order. */
    private static void multiply(
            int[] sizes, double alpha, INDArray m, INDArray r, long fromR, double beta, INDArray c, long fromC) {
        int k = sizes[2];
        if (c.dataType() == DataType.DOUBLE) {
            try (DoublePointer a = doubles(m, 0);
                    DoublePointer b = doubles(r, fromR);
                    DoublePointer into = doubles(c, fromC)) {
                cblas_dgemm(
                        CblasColMajor,
                        CblasTrans,
                        CblasNoTrans,
                        sizes[0],
                        sizes[1],
                        k,
                        alpha,
                        a,
                        k,
                        b,
                        k,
                        beta,
                        into,
                        sizes[0]);
            }
            return;
        }
        try (FloatPointer a = floats(m, 0);
                FloatPointer b = floats(r, fromR);
                FloatPointer into = floats(c, fromC)) {
            cblas_sgemm(
                    CblasColMajor,
                    CblasTrans,
                    CblasNoTrans,
                    sizes[0],
                    sizes[1],
                    k,
                    (float) alpha,
                    a,
                    k,
                    b,
                    k,
                    (float) beta,
                    into,
                    sizes[0]);
        }
    }

    private static FloatPointer floats(INDArray array, long from) {
        FloatPointer values = new FloatPointer(array.data().pointer());
        return values.position(array.offset() + from);
    }

    private static DoublePointer doubles(INDArray array, long from) {
        DoublePointer values = new DoublePointer(array.data().pointer());
        return values.position(array.offset() + from);
    }
}
