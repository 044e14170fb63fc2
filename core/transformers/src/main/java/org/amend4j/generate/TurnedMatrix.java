/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * A matrix for products in Java. It is kept turned, an array for each input: products are then sums of arrays with factors, which
 * HotSpot turns into vector instructions, while it leaves sums along an array scalar. Every element of a product is summed over the
 * inputs in their order, a row at a time or many.
 */
final class TurnedMatrix implements Matrix {

    /** Outputs in hand at a time, which stay in the first cache while all inputs pass. */
    private static final int SLICE = 512;
    /** For turning: a square of so many numbers a side stays in the first cache. */
    private static final int TILE = 32;

    private final float[][] columns;
    private final int outputs;

    private TurnedMatrix(float[][] columns, int outputs) {
        this.columns = columns;
        this.outputs = outputs;
    }

    /** @param values [outputs, inputs] in C-order */
    static TurnedMatrix of(float[] values, int outputs, int inputs) {
        float[][] columns = new float[inputs][outputs];
        Loops.sideBySide((outputs + SLICE - 1) / SLICE, (long) outputs * inputs, slice -> {
            int end = Math.min(outputs, (slice + 1) * SLICE);
            for (int row = slice * SLICE; row < end; row += TILE) {
                for (int column = 0; column < inputs; column += TILE) {
                    turn(values, columns, row, Math.min(end, row + TILE), column, Math.min(inputs, column + TILE));
                }
            }
        });
        return new TurnedMatrix(columns, outputs);
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

    @Override
    public int inputs() {
        return columns.length;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public void row(int index, float[] to) {
        for (int i = 0; i < columns.length; i++) {
            to[i] = columns[i][index];
        }
    }

    @Override
    public void column(int index, float[] to) {
        System.arraycopy(columns[index], 0, to, 0, outputs);
    }

    @Override
    public void multiplyAdd(float[][] x, float[][] y, int from, int to) {
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
