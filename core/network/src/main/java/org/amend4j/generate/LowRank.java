/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * What an adapter adds to a product: s·(x·A)·B.
 *
 * @param down A turned: from inputs to the rank
 * @param up B turned and scaled by s: from the rank to outputs
 */
record LowRank(Matrix down, Matrix up) {

    void add(float[][] x, float[][] y, int from, int to) {
        float[][] between = new float[to][];
        for (int row = from; row < to; row++) {
            between[row] = new float[down.outputs()];
        }
        down.multiplyAdd(x, between, from, to);
        up.multiplyAdd(between, y, from, to);
    }
}
