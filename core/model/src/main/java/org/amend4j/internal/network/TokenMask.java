/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Which tokens of an example count, the others being padding. */
public final class TokenMask {

    private TokenMask() {}

    /**
     * The steps whose mask is 1, in their order.
     *
     * @param example named where something is wrong
     * @param time how many steps it has
     * @param mask of each step, 1 or 0
     * @throws IllegalArgumentException if a mask is another number, or none is 1
     */
    public static int[] kept(int example, int time, IntToDoubleFunction mask) {
        int[] steps = new int[time];
        int count = 0;
        for (int step = 0; step < time; step++) {
            double value = mask.applyAsDouble(step);
            if (value != 0 && value != 1) {
                throw new IllegalArgumentException(
                        "a mask must be 0 or 1, got " + value + " in example " + example + ", step " + step);
            }
            if (value == 1) {
                steps[count++] = step;
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("an example must have a token, got none in example " + example);
        }
        return Arrays.copyOf(steps, count);
    }
}
