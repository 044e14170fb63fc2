/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.random.SplitMix64;

/** The rows of a mask, as {@link DropoutKernels} defines them. One thread's. */
final class DropoutMask {

    private static final int STEP = 0x9E3779B9;

    /** Columns times the step: HotSpot (17) vectorises no loop that computes with its index. */
    private static final int[] RAMP = ramp();

    private final long ofStream;
    private final int threshold;
    private final int[] kept = new int[VectorLoops.PIECE];
    private int lower;
    private int upper;

    private DropoutMask(long ofStream, int threshold) {
        this.ofStream = ofStream;
        this.threshold = threshold;
    }

    static DropoutMask of(long key, long stream, int threshold) {
        return new DropoutMask(SplitMix64.draw(key, stream), threshold);
    }

    private static int[] ramp() {
        int[] ramp = new int[VectorLoops.PIECE];
        for (int column = 0; column < ramp.length; column++) {
            ramp[column] = column * STEP;
        }
        return ramp;
    }

    /** Turns to another row. */
    void beginRow(long row) {
        long bits = SplitMix64.draw(ofStream, row);
        lower = (int) bits;
        upper = (int) (bits >>> 32);
    }

    /**
     * All ones for each column of the row that is kept, 0 for each that is dropped; valid until the next call.
     *
     * @param n at most {@link VectorLoops#PIECE}
     */
    int[] kept(int column, int n) {
        fill(kept, RAMP, lower + column * STEP, upper, threshold, n);
        return kept;
    }

    private static void fill(int[] kept, int[] ramp, int lower, int upper, int threshold, int n) {
        for (int i = 0; i < n; i++) {
            int h = ramp[i] + lower;
            h ^= h >>> 16;
            h *= 0x7feb352d;
            h ^= h >>> 15;
            h *= 0x846ca68b;
            h ^= h >>> 16;
            h ^= upper;
            h ^= h >>> 16;
            h *= 0x7feb352d;
            h ^= h >>> 15;
            h *= 0x846ca68b;
            h ^= h >>> 16;
            kept[i] = ~(((h >>> 1) - threshold) >> 31);
        }
    }
}
