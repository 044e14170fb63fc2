/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;
import java.util.Optional;

/**
 * What an adapter makes of a linear: (x·Wᵀ + s·(x·A)·B)∘scales + b.
 *
 * @param factors A and B; empty if only its bias was trained
 * @param scales DoRA's, one for each output; empty for 1
 * @param bias b, the base's, the adapter's own, or one of these and that on B; empty for none
 * @param own rows of trained tokens in place of W's, of a head that is the table of words
 */
record AdaptedLinear(
        Optional<LowRank> factors, Optional<float[]> scales, Optional<float[]> bias, Map<Integer, float[]> own) {

    /** What a row of results begins with: the bias, unless it would be scaled. */
    Optional<float[]> first() {
        return scales.isPresent() ? Optional.empty() : bias;
    }

    /** Makes the results of the rows in [from, to) of x·Wᵀ, which began with {@link #first}. */
    void complete(float[][] x, float[][] y, int from, int to) {
        factors.ifPresent(some -> some.add(x, y, from, to));
        scales.ifPresent(some -> {
            for (int row = from; row < to; row++) {
                float[] result = y[row];
                Loops.multiply(result, some, some.length);
                bias.ifPresent(b -> Loops.add(result, b, b.length));
            }
        });
        own.forEach((token, weights) -> {
            for (int row = from; row < to; row++) {
                y[row][token] = product(x[row], weights, bias.isPresent() ? bias.get()[token] : 0);
            }
        });
    }

    private static float product(float[] x, float[] weights, float first) {
        float sum = first;
        for (int i = 0; i < weights.length; i++) {
            sum += x[i] * weights[i];
        }
        return sum;
    }
}
