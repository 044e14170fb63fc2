/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's weight as the matrix that an adapter adds A·B to. */
public interface WeightMatrix {

    /** Rows of the matrix: inputs, times the kernel's size for a convolution; >= 1. */
    long rows();

    /** Columns of the matrix: outputs, >= 1. */
    long columns();

    /** Sizes of the kernel; empty if rows are inputs. */
    List<Integer> kernel();

    /** Whether "all-linear" means its layer. */
    default boolean isLinear() {
        return kernel().isEmpty() && !isTable();
    }

    /** Whether its rows are looked up by number. */
    default boolean isTable() {
        return false;
    }

    /** Whether the matrix is the weight itself, so that its gradient is the weight's. */
    default boolean isWeight() {
        return false;
    }

    /** Whether PEFT's adapter on the same layer computes exactly the same. */
    boolean isPeftExact();

    /** A weight as the matrix [rows, columns]: a view of its memory where that is possible. */
    INDArray matrix(INDArray weight);

    /** The inverse of {@link #matrix}: a matrix in the shape and memory layout of the layer's weight. */
    INDArray asWeight(INDArray matrix, long[] shape);

    /** A weight that is [inputs, outputs] as it is, in a layer that is PyTorch's {@code Linear}. */
    static WeightMatrix dense(long inputs, long outputs) {
        return new PlainMatrix(inputs, outputs, PlainMatrix.Use.LINEAR);
    }

    /** A weight that is [rows, columns] as it is, in a layer that PEFT does not know. */
    static WeightMatrix plain(long rows, long columns) {
        return new PlainMatrix(rows, columns, PlainMatrix.Use.OTHER);
    }

    /** A table [numbers, width] whose rows are looked up, PyTorch's {@code Embedding}. */
    static WeightMatrix table(long numbers, long width) {
        return new PlainMatrix(numbers, width, PlainMatrix.Use.TABLE);
    }

    /** The first columns of a weight [rows, more]: the others get no adapter. */
    static WeightMatrix firstColumns(long rows, long columns) {
        return new FirstColumns(rows, columns);
    }

    /**
     * A weight of several dimensions, some of which number the rows and the others the columns, the last of each fastest.
     *
     * @param shape the weight's
     * @param rowAxes its dimensions along the rows, in their order
     * @param columnAxes those along the columns
     * @param kernel sizes of the kernel that PEFT's layer has, or none
     */
    static WeightMatrix ofAxes(long[] shape, int[] rowAxes, int[] columnAxes, Integer... kernel) {
        return new OfAxes(shape, rowAxes, columnAxes, List.of(kernel));
    }
}
