/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/** Upper halves of single-precision numbers, two a word, to nearest even. */
final class Bfloat16Code extends BlockCode {

    @Override
    float encode(float[] values, int at, int[] words, int place) {
        for (int k = 0; k < BLOCK; k += 2) {
            words[place + k / 2] = (upperHalf(values[at + k]) >>> 16) | upperHalf(values[at + k + 1]);
        }
        return 1;
    }

    /** @return bits whose lower half is 0 */
    private static int upperHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (bits + 0x7FFF + ((bits >>> 16) & 1)) & 0xFFFF0000;
    }

    @Override
    void decode(int[] words, int place, float scale, float[] values, int at) {
        for (int k = 0; k < BLOCK / 2; k++) {
            int word = words[place + k];
            values[at + 2 * k] = Float.intBitsToFloat(word << 16);
            values[at + 2 * k + 1] = Float.intBitsToFloat(word & 0xFFFF0000);
        }
    }
}
