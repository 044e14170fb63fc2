/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products of rows in C order with weights. BLAS knows columns: what are rows of the result are columns of its transpose. */
final class RowProducts {

    private RowProducts() {}

    /**
     * Writes {@code x·w + share·into}.
     *
     * @param x [n, k]
     * @param w [k, m], any view
     * @param into [n, m], in C order
     */
    static INDArray multiply(INDArray x, INDArray w, INDArray into, double share) {
        Nd4j.gemm(w, x, into.transpose(), true, true, 1, share);
        return into;
    }

    /** {@code x·w}, in memory of the workspace that is open. */
    static INDArray product(INDArray x, INDArray w) {
        return multiply(x, w, Nd4j.createUninitialized(x.dataType(), new long[] {x.size(0), w.size(1)}, 'c'), 0);
    }
}
