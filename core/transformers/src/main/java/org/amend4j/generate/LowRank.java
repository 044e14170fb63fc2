/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * What an adapter adds to a weight: s·A·B.
 *
 * @param down A turned: from inputs, or tokens, to the rank
 * @param up B turned and scaled by s: from the rank to outputs
 */
record LowRank(Matrix down, Matrix up) {

    /** y += s·(x·A)·B for the rows in [from, to). */
    void add(float[][] x, float[][] y, int from, int to) {
        float[][] between = new float[to][];
        for (int row = from; row < to; row++) {
            between[row] = new float[down.outputs()];
        }
        down.multiplyAdd(x, between, from, to);
        up.multiplyAdd(between, y, from, to);
    }

    /** y_i += the row {@code first + i} of s·A·B, for all of y. */
    void addRows(int first, float[][] y) {
        float[][] rows = new float[y.length][down.outputs()];
        for (int i = 0; i < y.length; i++) {
            down.column(first + i, rows[i]);
        }
        up.multiplyAdd(rows, y, 0, y.length);
    }
}
