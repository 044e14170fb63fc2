/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * A frozen matrix that rows are multiplied with. It is kept turned, an array for each input: products are then sums of arrays
 * with factors, which HotSpot turns into vector instructions, while it leaves sums along an array scalar. Every element of a
 * product is summed over the inputs in their order, a row at a time or many: its bytes do not depend on what is computed beside.
 */
final class Matrix {

    /** Outputs in hand at a time, which stay in the first cache while all inputs pass. */
    private static final int SLICE = 512;
    /** For turning: a square of so many numbers a side stays in the first cache. */
    private static final int TILE = 32;

    private final float[][] columns;
    private final int outputs;

    private Matrix(float[][] columns, int outputs) {
        this.columns = columns;
        this.outputs = outputs;
    }

    /** @param values [outputs, inputs] in C-order */
    static Matrix of(float[] values, int outputs, int inputs) {
        float[][] columns = new float[inputs][outputs];
        Loops.sideBySide((outputs + SLICE - 1) / SLICE, (long) outputs * inputs, slice -> {
            int end = Math.min(outputs, (slice + 1) * SLICE);
            for (int row = slice * SLICE; row < end; row += TILE) {
                for (int column = 0; column < inputs; column += TILE) {
                    turn(values, columns, row, Math.min(end, row + TILE), column, Math.min(inputs, column + TILE));
                }
            }
        });
        return new Matrix(columns, outputs);
    }

    private static void turn(float[] values, float[][] columns, int row, int rowEnd, int column, int columnEnd) {
        int inputs = columns.length;
        for (int i = column; i < columnEnd; i++) {
            float[] to = columns[i];
            for (int o = row; o < rowEnd; o++) {
                to[o] = values[o * inputs + i];
            }
        }
    }

    int inputs() {
        return columns.length;
    }

    int outputs() {
        return outputs;
    }

    /** A row of it, an embedding. */
    void row(int index, float[] to) {
        for (int i = 0; i < columns.length; i++) {
            to[i] = columns[i][index];
        }
    }

    /** A column of it: what an input is multiplied with. */
    void column(int index, float[] to) {
        System.arraycopy(columns[index], 0, to, 0, outputs);
    }

    /** y += x·Mᵀ for the rows in [from, to). */
    void multiplyAdd(float[][] x, float[][] y, int from, int to) {
        int slices = (outputs + SLICE - 1) / SLICE;
        long work = (long) (to - from) * outputs * columns.length;
        Loops.sideBySide(slices, work, slice -> multiplyAdd(x, y, from, to, slice * SLICE));
    }

    private void multiplyAdd(float[][] x, float[][] y, int from, int to, int begin) {
        int end = Math.min(outputs, begin + SLICE);
        int i = 0;
        for (; i + 4 <= columns.length; i += 4) {
            for (int row = from; row < to; row++) {
                Loops.addFour(
                        y[row], x[row], i, columns[i], columns[i + 1], columns[i + 2], columns[i + 3], begin, end);
            }
        }
        for (; i < columns.length; i++) {
            for (int row = from; row < to; row++) {
                Loops.addScaled(y[row], x[row][i], columns[i], begin, end);
            }
        }
    }
}
