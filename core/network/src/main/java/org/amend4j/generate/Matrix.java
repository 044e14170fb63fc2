/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.stream.IntStream;

/**
 * A frozen matrix that rows are multiplied with. It is kept turned, an array for each input: products are then sums of arrays
 * with factors, which HotSpot turns into vector instructions, while it leaves sums along an array scalar. Every element of a
 * product is summed over the inputs in their order, a row at a time or many: its bytes do not depend on what is computed beside.
 */
final class Matrix {

    /** Outputs in hand at a time, which stay in the first cache while all inputs pass. */
    private static final int SLICE = 512;
    /** Multiplications that are worth another thread. */
    private static final long WORTHWHILE = 1 << 20;
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
        for (int row = 0; row < outputs; row += TILE) {
            for (int column = 0; column < inputs; column += TILE) {
                turn(values, columns, row, Math.min(outputs, row + TILE), column, Math.min(inputs, column + TILE));
            }
        }
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

    /** y += x·Mᵀ for the rows in [from, to). */
    void multiplyAdd(float[][] x, float[][] y, int from, int to) {
        int slices = (outputs + SLICE - 1) / SLICE;
        if (slices > 1 && (long) (to - from) * outputs * columns.length >= WORTHWHILE) {
            IntStream.range(0, slices).parallel().forEach(slice -> multiplyAdd(x, y, from, to, slice * SLICE));
        } else {
            for (int slice = 0; slice < slices; slice++) {
                multiplyAdd(x, y, from, to, slice * SLICE);
            }
        }
    }

    private void multiplyAdd(float[][] x, float[][] y, int from, int to, int begin) {
        int end = Math.min(outputs, begin + SLICE);
        int i = 0;
        for (; i + 8 <= columns.length; i += 8) {
            for (int row = from; row < to; row++) {
                addEight(y[row], x[row], columns, i, begin, end);
            }
        }
        for (; i < columns.length; i++) {
            for (int row = from; row < to; row++) {
                Loops.addScaled(y[row], x[row][i], columns[i], begin, end);
            }
        }
    }

    private static void addEight(float[] y, float[] x, float[][] columns, int at, int begin, int end) {
        addEight(
                y,
                x,
                at,
                columns[at],
                columns[at + 1],
                columns[at + 2],
                columns[at + 3],
                columns[at + 4],
                columns[at + 5],
                columns[at + 6],
                columns[at + 7],
                begin,
                end);
    }

    private static void addEight(
            float[] y,
            float[] x,
            int at,
            float[] m0,
            float[] m1,
            float[] m2,
            float[] m3,
            float[] m4,
            float[] m5,
            float[] m6,
            float[] m7,
            int begin,
            int end) {
        float x0 = x[at];
        float x1 = x[at + 1];
        float x2 = x[at + 2];
        float x3 = x[at + 3];
        float x4 = x[at + 4];
        float x5 = x[at + 5];
        float x6 = x[at + 6];
        float x7 = x[at + 7];
        for (int o = begin; o < end; o++) {
            y[o] = y[o]
                    + x0 * m0[o]
                    + x1 * m1[o]
                    + x2 * m2[o]
                    + x3 * m3[o]
                    + x4 * m4[o]
                    + x5 * m5[o]
                    + x6 * m6[o]
                    + x7 * m7[o];
        }
    }
}
