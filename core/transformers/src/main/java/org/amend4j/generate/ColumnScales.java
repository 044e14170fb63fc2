/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * By what DoRA scales the columns of V = W + s·A·B: m/c, with m the magnitudes and c the columns' norms, 0 where c is
 * (Liu et al., arXiv 2402.09353, eq. 5). V is formed some rows at a time; squares are summed in double precision, over rows in their order.
 */
final class ColumnScales {

    /** Rows of V in hand: enough that B is read seldom. */
    private static final int BLOCK = 16;

    private ColumnScales() {}

    /**
     * For each column.
     *
     * @param magnitudes m
     * @param weight W by rows: of a linear one for each input, of an embedding one for each token
     * @param rows how many
     */
    static float[] of(float[] magnitudes, Table weight, int rows, LowRank added) {
        double[] squares = new double[magnitudes.length];
        for (int first = 0; first < rows; first += BLOCK) {
            float[][] v = new float[Math.min(BLOCK, rows - first)][magnitudes.length];
            for (int i = 0; i < v.length; i++) {
                weight.row(first + i, v[i]);
            }
            added.addRows(first, v);
            for (float[] row : v) {
                Loops.addSquares(squares, row, row.length);
            }
        }
        float[] scales = new float[magnitudes.length];
        for (int j = 0; j < scales.length; j++) {
            scales[j] = squares[j] == 0 ? 0 : (float) (magnitudes[j] / Math.sqrt(squares[j]));
        }
        return scales;
    }
}
