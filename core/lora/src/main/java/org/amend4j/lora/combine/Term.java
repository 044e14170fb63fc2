/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one adapter adds to a weight, {@code weight·scaling·A·B}.
 *
 * @param a [rows, rank], DOUBLE
 * @param b [rank, columns], DOUBLE
 */
record Term(INDArray a, INDArray b, double scaling, double weight) {

    /** In double and in F-order, whatever it was in. */
    Term {
        a = a.castTo(DataType.DOUBLE).dup('f');
        b = b.castTo(DataType.DOUBLE).dup('f');
    }

    double factor() {
        return weight * scaling;
    }

    long rank() {
        return a.size(1);
    }
}
