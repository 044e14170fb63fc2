/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

/**
 * How many bits a number of a frozen matrix is kept in. What is multiplied are the numbers that are kept: a matrix W is replaced by its
 * decoded one, V, and nothing else is rounded, but by the precision of products. Scales belong to {@value #BLOCK} numbers that lie side by
 * side; a is the largest magnitude among them. Where a is below 2⁻¹⁰⁰, such numbers become zeros and err by up to a.
 */
public enum WeightStorage {
    /** IEEE 754 single precision: V = W. */
    FP32(32, false),
    /** The upper half of a single-precision number, to nearest even: |V − W| ≤ 2⁻⁸·|W|, where |W| is at least 2⁻¹²⁶. */
    BF16(16, false),
    /** −127 to 127 times a scale a/127: |V − W| ≤ (1/254 + 2⁻²²)·a. */
    INT8(8, true),
    /**
     * One of 16 quantiles of the normal distribution between −1 and 1, 0 among them, times a: |V − W| ≤ 0.152·a. QLoRA's NormalFloat
     * (arXiv 2305.14314), its scales in single precision.
     */
    NF4(4, true);

    /** Numbers that share a scale. */
    public static final int BLOCK = 64;

    private final int bits;
    private final boolean scaled;

    WeightStorage(int bits, boolean scaled) {
        this.bits = bits;
        this.scaled = scaled;
    }

    /** The bits of a number, without its share of the scale. */
    public int bits() {
        return bits;
    }

    /** Whether each block has a scale, in single precision. */
    public boolean isScaled() {
        return scaled;
    }

    /** Blocks of so many numbers; the last may be shorter. */
    public static long blocks(long numbers) {
        return (numbers + BLOCK - 1) / BLOCK;
    }

    /** Ints that hold a block's numbers. */
    public int wordsOfBlock() {
        return BLOCK * bits / Integer.SIZE;
    }

    /** Bytes of so many numbers, scales included. */
    public long bytes(long numbers) {
        long ofBlock = (long) wordsOfBlock() * Integer.BYTES + (scaled ? Float.BYTES : 0);
        return this == FP32 ? numbers * Float.BYTES : blocks(numbers) * ofBlock;
    }
}
