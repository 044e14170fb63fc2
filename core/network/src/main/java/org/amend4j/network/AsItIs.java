/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight that is a matrix.
 *
 * @param linear whether its layer is PyTorch's {@code Linear}
 */
record AsItIs(long rows, long columns, boolean linear) implements WeightMatrix {

    @Override
    public List<Integer> kernel() {
        return List.of();
    }

    @Override
    public boolean isLinear() {
        return linear;
    }

    @Override
    public boolean isWeight() {
        return true;
    }

    @Override
    public boolean isPeftExact() {
        return linear;
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
