/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A weight's gradient {@code xᵀd} before it is formed.
 *
 * @param x what is multiplied with the weight, [n, rows]
 * @param d derivative at the product, [n, columns]
 */
public record WeightRows(INDArray x, INDArray d) {

    /** The gradient, [rows, columns]. */
    public INDArray formed() {
        INDArray result = Nd4j.createUninitialized(x.dataType(), new long[] {x.size(1), d.size(1)}, 'f');
        return Nd4j.gemm(x, d, result, true, false, 1, 0);
    }
}
