/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Parts of matrices, as views. */
public final class Columns {

    private Columns() {}

    /** Some columns of all rows. */
    public static INDArray of(INDArray matrix, long first, long count) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(first, first + count));
    }

    /** Some columns of some rows. */
    public static INDArray of(INDArray matrix, long fromRow, long toRow, long first, long count) {
        return matrix.get(NDArrayIndex.interval(fromRow, toRow), NDArrayIndex.interval(first, first + count));
    }
}
