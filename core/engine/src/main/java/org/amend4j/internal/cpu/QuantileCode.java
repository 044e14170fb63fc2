/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/**
 * QLoRA's NormalFloat of 4 bits, eight a word: of a normal distribution, 7 quantiles below 0 and 8 above, evenly spaced in
 * probability between p and 1/2 for p = (1/32 + 1/30)/2, and 0, divided by the outermost.
 */
final class QuantileCode extends BlockCode {

    /** The numbers of bitsandbytes, ascending. */
    private static final float[] LEVELS = {
        -1f,
        -0.6961928f,
        -0.52507305f,
        -0.3949175f,
        -0.28444138f,
        -0.18477343f,
        -0.091050036f,
        0f,
        0.0795803f,
        0.1609302f,
        0.2461123f,
        0.33791524f,
        0.44070983f,
        0.562617f,
        0.72295684f,
        1f
    };

    /** Between two neighbours: {@code MIDDLES[k]} above level k. */
    private static final float[] MIDDLES = middles();

    private static float[] middles() {
        float[] middles = new float[LEVELS.length - 1];
        for (int k = 0; k < middles.length; k++) {
            middles[k] = (float) (((double) LEVELS[k] + LEVELS[k + 1]) / 2);
        }
        return middles;
    }

    /** A copy of the 16 levels. */
    static float[] levels() {
        return LEVELS.clone();
    }

    @Override
    float encode(float[] values, int at, int[] words, int place) {
        float largest = largestMagnitude(values, at);
        float scale = largest < SMALLEST ? 0 : largest;
        for (int k = 0; k < BLOCK; k += 8) {
            int word = 0;
            for (int j = 0; j < 8; j++) {
                word |= nearest(scale == 0 ? 0 : values[at + k + j] / scale) << (4 * j);
            }
            words[place + k / 8] = word;
        }
        return scale;
    }

    /** The number of the level nearest to a value. */
    private static int nearest(float value) {
        int level = value > MIDDLES[7] ? 8 : 0;
        level += value > MIDDLES[level + 3] ? 4 : 0;
        level += value > MIDDLES[level + 1] ? 2 : 0;
        return level + (value > MIDDLES[level] ? 1 : 0);
    }

    @Override
    void decode(int[] words, int place, float scale, float[] values, int at) {
        for (int k = 0; k < BLOCK / 8; k++) {
            int word = words[place + k];
            for (int j = 0; j < 8; j++) {
                values[at + 8 * k + j] = scale * LEVELS[(word >>> (4 * j)) & 15];
            }
        }
    }
}
