/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Arrays of ours as libtorch likes them: in its own memory, matrices in its orientation ([out, in]). */
final class TorchArrays {

    private TorchArrays() {}

    /** A copy in libtorch's own memory, aligned as it likes, instead of a view of a Java buffer. */
    static NDArray owned(NDManager manager, float[] values, long... dimensions) {
        try (NDArray view = manager.create(values, new Shape(dimensions))) {
            return view.duplicate();
        }
    }

    /** A row-major matrix [rows, columns] as [columns, rows]. */
    static NDArray transposed(NDManager manager, float[] values, int rows, int columns) {
        return owned(manager, transpose(values, rows, columns), columns, rows);
    }

    /** The same matrix as the kernel [columns, rows, 1, 1] of a 1×1 convolution from {@code rows} channels. */
    static NDArray pointwise(NDManager manager, float[] values, int rows, int columns) {
        return owned(manager, transpose(values, rows, columns), columns, rows, 1, 1);
    }

    /** The values in our orientation: row-major [in, out] of an array [out, in] or [out, in, 1, 1], else as they are. */
    static float[] ours(NDArray array) {
        Shape shape = array.getShape();
        float[] values = array.toFloatArray();
        return shape.dimension() == 1 ? values : transpose(values, (int) shape.get(0), (int) shape.get(1));
    }

    private static float[] transpose(float[] values, int rows, int columns) {
        float[] result = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                result[column * rows + row] = values[row * columns + column];
            }
        }
        return result;
    }
}
