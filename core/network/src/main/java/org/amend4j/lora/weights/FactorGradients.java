/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

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
}
