/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's weight as the matrix that an adapter adds A·B to. */
public interface WeightMatrix {

    /** Rows of the matrix: inputs, times the kernel's size for a convolution; >= 1. */
    long rows();

    /** Columns of the matrix: outputs, >= 1. */
    long columns();

    /** Sizes of the kernel; empty if rows are inputs. "all-linear" means layers without a kernel. */
    List<Integer> kernel();

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

    /** A weight that is [inputs, outputs] as it is. */
    static WeightMatrix dense(long inputs, long outputs) {
        return new WeightMatrix() {
            @Override
            public long rows() {
                return inputs;
            }

            @Override
            public long columns() {
                return outputs;
            }

            @Override
            public List<Integer> kernel() {
                return List.of();
            }

            @Override
            public boolean isWeight() {
                return true;
            }

            @Override
            public boolean isPeftExact() {
                return true;
            }

            @Override
            public INDArray matrix(INDArray weight) {
                return weight;
            }

            @Override
            public INDArray asWeight(INDArray matrix, long[] shape) {
                return matrix;
            }
        };
    }
}
