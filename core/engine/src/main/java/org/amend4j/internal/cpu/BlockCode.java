/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.WeightStorage;

/** Encodes and decodes blocks of {@value WeightStorage#BLOCK} numbers, see {@link WeightStorage}. Pure functions. */
abstract sealed class BlockCode permits Bfloat16Code, IntegerCode, QuantileCode {

    static final int BLOCK = WeightStorage.BLOCK;

    /** Blocks whose largest magnitude is below this become zeros: a scale of theirs could be no normal number. */
    static final float SMALLEST = 0x1p-100f;

    /** That of a storage other than FP32. */
    static BlockCode of(WeightStorage storage) {
        return switch (storage) {
            case FP32 -> throw new IllegalArgumentException("numbers in FP32 have no code");
            case BF16 -> new Bfloat16Code();
            case INT8 -> new IntegerCode();
            case NF4 -> new QuantileCode();
        };
    }

    /**
     * Encodes a block.
     *
     * @param values finite
     * @param at the block's first among them
     * @param words gets the code
     * @param place the code's first word
     * @return the scale; meaningless where the storage has none
     */
    abstract float encode(float[] values, int at, int[] words, int place);

    /** The opposite of {@link #encode}. */
    abstract void decode(int[] words, int place, float scale, float[] values, int at);

    static float largestMagnitude(float[] values, int at) {
        float largest = 0;
        for (int k = at; k < at + BLOCK; k++) {
            largest = Math.max(largest, Math.abs(values[k]));
        }
        return largest;
    }
}
