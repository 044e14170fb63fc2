/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

/** Matrices whose rows are their columns. */
final class Transposed {

    private Transposed() {}

    /** Of [rows, columns], row after row. */
    static float[] of(float[] values, int rows, int columns) {
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }
}
