/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/** Whole numbers from -127 to 127 times a scale, four a word. */
final class IntegerCode extends BlockCode {

    private static final int MOST = 127;

    @Override
    float encode(float[] values, int at, int[] words, int place) {
        float largest = largestMagnitude(values, at);
        float scale = largest < SMALLEST ? 0 : (float) ((double) largest / MOST);
        double steps = scale == 0 ? 0 : (double) MOST / largest;
        for (int k = 0; k < BLOCK; k += 4) {
            int word = 0;
            for (int j = 0; j < 4; j++) {
                word |= ((int) Math.rint(values[at + k + j] * steps) & 0xFF) << (8 * j);
            }
            words[place + k / 4] = word;
        }
        return scale;
    }

    @Override
    void decode(int[] words, int place, float scale, float[] values, int at) {
        for (int k = 0; k < BLOCK / 4; k++) {
            int word = words[place + k];
            values[at + 4 * k] = scale * (word << 24 >> 24);
            values[at + 4 * k + 1] = scale * (word << 16 >> 24);
            values[at + 4 * k + 2] = scale * (word << 8 >> 24);
            values[at + 4 * k + 3] = scale * (word >> 24);
        }
    }
}
