/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The first columns of a weight, such as an LSTM's recurrent weights without the peepholes behind them. */
record FirstColumns(long rows, long columns) implements WeightMatrix {

    @Override
    public List<Integer> kernel() {
        return List.of();
    }

    @Override
    public boolean isLinear() {
        return false;
    }

    @Override
    public boolean isPeftExact() {
        return false;
    }

    @Override
    public INDArray matrix(INDArray weight) {
        return weight.get(NDArrayIndex.all(), NDArrayIndex.interval(0, columns));
    }

    @Override
    public INDArray asWeight(INDArray matrix, long[] shape) {
        INDArray weight = Nd4j.create(matrix.dataType(), shape, 'f');
        matrix(weight).assign(matrix);
        return weight;
    }
}
