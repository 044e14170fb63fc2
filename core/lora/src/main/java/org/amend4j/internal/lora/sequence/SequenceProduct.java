/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The input weights of a recurrent layer: one product for all time steps in either direction, over rows [batch · time] in
 * which the batch runs fastest. Sequences are [batch, width, time].
 */
record SequenceProduct(INDArray weights, INDArray bias) {

    /**
     * Writes {@code x·W + b}.
     *
     * @param x [batch, nIn, time], in any layout
     * @param z [batch, columns, time], overwritten
     */
    void forward(INDArray x, INDArray z) {
        if (x.rank() != 3 || x.size(1) != weights.size(0)) {
            throw new DL4JInvalidInputException("input must be [batch, " + weights.size(0)
                    + ", time] (or channels last), got " + Arrays.toString(x.shape()) + " with the time last");
        }
        INDArray product =
                Nd4j.createUninitialized(z.dataType(), new long[] {x.size(0) * x.size(2), weights.size(1)}, 'f');
        Nd4j.gemm(rows(x), weights, product, false, false, 1, 0);
        product.addiRowVector(bias);
        TransposedSteps.assign(sequence(product, x.size(0)), z);
    }

    /**
     * Adds the input's derivative {@code dz·Wᵀ}.
     *
     * @param dz [batch, columns, time]
     * @param dx rows [batch · time, nIn] in Fortran order
     * @param share factor of what is there before, 0 or 1
     */
    void backward(INDArray dz, INDArray dx, double share) {
        Nd4j.gemm(rows(dz), weights, dx, false, true, 1, share);
    }

    /** Rows as [batch, time, width]: a view. */
    static INDArray sequence(INDArray rows, long batch) {
        return rows.reshape('f', new long[] {batch, rows.size(0) / batch, rows.size(1)});
    }

    /** A sequence [batch, width, time] as rows: a copy. */
    static INDArray rows(INDArray sequence) {
        long[] shape = {sequence.size(0), sequence.size(2), sequence.size(1)};
        INDArray rows = Nd4j.createUninitialized(sequence.dataType(), shape, 'f');
        TransposedSteps.assign(sequence, rows);
        return rows.reshape('f', new long[] {shape[0] * shape[1], shape[2]});
    }
}
