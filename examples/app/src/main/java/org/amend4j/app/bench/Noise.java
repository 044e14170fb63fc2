/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.SplittableRandom;

/**
 * Numbers uniform in [-1, 1), the same in every run, in pieces of a size that fits anywhere. What is measured on constants may be
 * faster than it ever is on data: a card that switches fewer bits draws less power and clocks higher.
 */
final class Noise {

    private static final int SEED = 7;
    private static final int PIECE = 1 << 20;

    private Noise() {}

    /** Takes the numbers from a place on. */
    @FunctionalInterface
    interface Sink {
        void put(long from, float[] piece);
    }

    /** Gives a sink so many numbers, piece after piece. */
    static void into(long length, Sink sink) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (long from = 0; from < length; from += PIECE) {
            float[] piece = new float[(int) Math.min(PIECE, length - from)];
            for (int i = 0; i < piece.length; i++) {
                piece[i] = (float) random.nextDouble(-1, 1);
            }
            sink.put(from, piece);
        }
    }
}
