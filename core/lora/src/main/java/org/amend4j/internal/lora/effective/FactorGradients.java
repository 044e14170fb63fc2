/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients of an adapter's factors from the gradient G of {@code W + s·A·B}. */
final class FactorGradients {

    private FactorGradients() {}

    /**
     * Writes {@code dA = s·G·Bᵀ}, [rows, rank], and {@code dB = s·Aᵀ·G}, [rank, columns].
     *
     * @param weight G, [rows, columns]
     */
    static void write(INDArray weight, INDArray a, INDArray b, double scaling, INDArray gradA, INDArray gradB) {
        Nd4j.gemm(weight, b, gradA, false, true, scaling, 0);
        Nd4j.gemm(a, weight, gradB, true, false, scaling, 0);
    }

    /**
     * The same for {@code G = xᵀd}, which is not formed: {@code dA = s·xᵀ(dBᵀ)}, {@code dB = s·(xA)ᵀd}.
     *
     * @param x [n, rows]
     * @param d [n, columns]
     */
    static void writeOfRows(
            INDArray x, INDArray d, INDArray a, INDArray b, double scaling, INDArray gradA, INDArray gradB) {
        Nd4j.gemm(x, product(d, b, true), gradA, true, false, scaling, 0);
        Nd4j.gemm(product(x, a, false), d, gradB, true, false, scaling, 0);
    }

    private static INDArray product(INDArray rows, INDArray factor, boolean turned) {
        long columns = turned ? factor.size(0) : factor.size(1);
        INDArray result = Nd4j.createUninitialized(rows.dataType(), new long[] {rows.size(0), columns}, 'f');
        return Nd4j.gemm(rows, factor, result, false, turned, 1, 0);
    }
}
