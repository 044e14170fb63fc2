/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A weight of several dimensions as a matrix: its dimensions in another order, then taken together. */
final class OfAxes implements WeightMatrix {

    private final int[] order;
    private final long[] turned;
    private final long rows;
    private final long columns;
    private final List<Integer> kernel;

    OfAxes(long[] shape, int[] rowAxes, int[] columnAxes, List<Integer> kernel) {
        this.order = IntStream.concat(Arrays.stream(rowAxes), Arrays.stream(columnAxes))
                .toArray();
        if (!Arrays.equals(
                Arrays.stream(order).sorted().toArray(),
                IntStream.range(0, shape.length).toArray())) {
            throw new IllegalArgumentException("rows and columns must have each of the " + shape.length
                    + " dimensions once, got " + Arrays.toString(order));
        }
        this.turned = Arrays.stream(order).mapToLong(axis -> shape[axis]).toArray();
        this.rows = product(Arrays.stream(turned).limit(rowAxes.length));
        this.columns = product(Arrays.stream(turned).skip(rowAxes.length));
        this.kernel = kernel;
    }

    private static long product(LongStream sizes) {
        return sizes.reduce(1, Math::multiplyExact);
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public long columns() {
        return columns;
    }

    @Override
    public List<Integer> kernel() {
        return kernel;
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
        return weight.permute(order).dup('c').reshape('c', new long[] {rows, columns});
    }

    @Override
    public INDArray asWeight(INDArray matrix, long[] shape) {
        int[] back = new int[order.length];
        for (int k = 0; k < order.length; k++) {
            back[order[k]] = k;
        }
        return matrix.dup('c').reshape('c', turned).permute(back);
    }
}
