/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.internal.lora.layer.LayerShare.Term;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Adds the low-rank products of a few rows at a time, by OpenBLAS itself: ND4J's calls take longer than such products do. Rows in C order
 * are the columns of a matrix that OpenBLAS knows.
 *
 * @param x [n, inputs], in C order and without gaps, on the CPU
 * @param y [n, columns], likewise
 * @param p room for {@code xA} of the rows of any call
 */
record FewRows(INDArray x, INDArray y, INDArray p) {

    /** Whether arrays lie so that this can be used. */
    static boolean takes(INDArray x, INDArray y) {
        return HostArrays.takes(x, y) && areRows(x) && areRows(y);
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
        HostArrays.multiply(turned(rank, count, inputs), term.a(), x, from * inputs, p, 0);
        Gemm up = turned(columns, count, rank).withFactors(term.scaling(), 1);
        HostArrays.multiply(up, term.b(), p, 0, y, from * columns);
    }

    /** {@code C = MᵀR}, M [k, m], R [k, n] and C [m, n] in Fortran order. */
    private static Gemm turned(int m, long n, int k) {
        return Gemm.contiguous(MatrixOrder.COLUMNS, true, false, m, Math.toIntExact(n), k);
    }
}
