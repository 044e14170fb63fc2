/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import org.amend4j.internal.validation.Checks;

/** How a DINOv2 says the size of its feed-forward part: by {@code mlp_ratio}, as Hugging Face's class rounds it, and back. */
final class FeedForwardRatio {

    /** What sizes of gated parts are multiples of. */
    private static final int STEP = 8;

    private FeedForwardRatio() {}

    /** @throws IllegalArgumentException if that is no size */
    static int size(int hidden, double ratio, boolean gated) {
        double size = rounded(hidden, Checks.positive("mlp_ratio", ratio), gated);
        if (!(size >= 1 && size <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("'mlp_ratio' must give the feed-forward part 1 number or more and"
                    + " fewer than 2^31, got " + ratio + " with hidden_size " + hidden);
        }
        return (int) size;
    }

    private static double rounded(int hidden, double ratio, boolean gated) {
        double plain = Math.floor(hidden * ratio);
        return gated ? Math.floor((Math.floor(plain * 2 / 3) + STEP - 1) / STEP) * STEP : plain;
    }

    /**
     * A ratio that gives this size, a whole one if there is one: Hugging Face's class has a whole number from release 5 on. If the
     * part is gated, the size is a multiple of 8.
     */
    static double ratio(int hidden, int size, boolean gated) {
        double plain = gated ? size * 1.5 : size;
        double least = Math.floor((plain - 2 * STEP) / hidden); // sizes are rounded up to eights
        for (double whole = Math.max(1, least); whole <= plain / hidden; whole++) {
            if (rounded(hidden, whole, gated) == size) {
                return whole;
            }
        }
        double ratio = plain / hidden;
        return Math.floor(hidden * ratio) < plain ? Math.nextUp(ratio) : ratio;
    }

    static void requireGated(int size) {
        if (size % STEP != 0) {
            throw new IllegalArgumentException(
                    "intermediate_size of a gated feed-forward part must be a multiple of " + STEP + ", got " + size);
        }
    }
}
