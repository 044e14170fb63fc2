/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight that is a matrix.
 *
 * @param use which of PyTorch's layers has such a weight
 */
record PlainMatrix(long rows, long columns, PlainMatrix.Use use) implements WeightMatrix {

    enum Use {
        LINEAR,
        TABLE,
        OTHER
    }

    @Override
    public List<Integer> kernel() {
        return List.of();
    }

    @Override
    public boolean isLinear() {
        return use == Use.LINEAR;
    }

    @Override
    public boolean isTable() {
        return use == Use.TABLE;
    }

    @Override
    public boolean isWeight() {
        return true;
    }

    @Override
    public boolean isPeftExact() {
        return use != Use.OTHER;
    }

    @Override
    public INDArray matrix(INDArray weight) {
        return weight;
    }

    @Override
    public INDArray asWeight(INDArray matrix, long[] shape) {
        return matrix;
    }
}
