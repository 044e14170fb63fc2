/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Parts of matrices, as views. */
final class Columns {

    private Columns() {}

    /** Some columns of all rows. */
    static INDArray of(INDArray matrix, long first, long count) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(first, first + count));
    }

    /** Some columns of some rows. */
    static INDArray of(INDArray matrix, long fromRow, long toRow, long first, long count) {
        return matrix.get(NDArrayIndex.interval(fromRow, toRow), NDArrayIndex.interval(first, first + count));
    }
}
