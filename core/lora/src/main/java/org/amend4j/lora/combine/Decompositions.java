/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** LAPACK's decompositions of matrices in double, and of products of thin ones without forming these. */
final class Decompositions {

    private Decompositions() {}

    /**
     * {@code U·diag(values)·Vt}.
     *
     * @param u [rows, k], orthonormal columns
     * @param values [k], from the largest
     * @param vt [k, columns], orthonormal rows
     */
    record Svd(INDArray u, INDArray values, INDArray vt) {}

    /** A matrix as one with orthonormal columns times a small one. */
    private record Qr(INDArray q, INDArray r) {}

    /** Of a matrix. */
    static Svd svd(INDArray matrix) {
        long rows = matrix.size(0);
        long columns = matrix.size(1);
        if (rows > columns) {
            Qr thin = qr(matrix);
            Svd small = svd(thin.r());
            return new Svd(thin.q().mmul(small.u()), small.values(), small.vt());
        }
        if (rows < columns) {
            Svd turned = svd(turned(matrix));
            return new Svd(turned(turned.vt()), turned.values(), turned(turned.u()));
        }
        INDArray values = Nd4j.create(DataType.DOUBLE, rows);
        INDArray u = zeros(rows, rows);
        INDArray vt = zeros(rows, rows);
        // the copy is overwritten
        Nd4j.getBlasWrapper().lapack().gesvd(matrix.dup('f'), values, u, vt);
        return new Svd(u, values, vt);
    }

    /**
     * Of {@code a·b}.
     *
     * @param a [rows, r]
     * @param b [r, columns]
     */
    static Svd svdOfProduct(INDArray a, INDArray b) {
        Qr left = qr(a);
        Qr right = qr(turned(b));
        Svd small = svd(left.r().mmul(turned(right.r())));
        return new Svd(left.q().mmul(small.u()), small.values(), small.vt().mmul(turned(right.q())));
    }

    /** Of {@code a·b}: the root of the sum of the squares of its values. */
    static double frobeniusNormOfProduct(INDArray a, INDArray b) {
        return qr(a).r().mmul(turned(qr(turned(b)).r())).norm2Number().doubleValue();
    }

    private static Qr qr(INDArray matrix) {
        long columns = matrix.size(1);
        if (matrix.size(0) <= columns) {
            return new Qr(Nd4j.eye(matrix.size(0)).castTo(DataType.DOUBLE), matrix);
        }
        INDArray q = matrix.dup('f');
        INDArray r = zeros(columns, columns);
        Nd4j.getBlasWrapper().lapack().geqrf(q, r);
        return new Qr(q, r);
    }

    private static INDArray zeros(long rows, long columns) {
        return Nd4j.create(DataType.DOUBLE, new long[] {rows, columns}, 'f');
    }

    private static INDArray turned(INDArray matrix) {
        return matrix.transpose().dup('f');
    }
}
