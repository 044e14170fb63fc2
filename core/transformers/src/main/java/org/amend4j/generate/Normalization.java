/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.cpu.FloatRows;

/**
 * What is done to rows before they are multiplied: each is divided by its root mean square, after its mean was taken off if something is
 * added in the end.
 *
 * @param gain what numbers are multiplied with then
 * @param bias what is added; empty for none
 * @param epsilon added to the mean square, > 0
 */
@SuppressWarnings("ArrayRecordComponent") // weights, which never change
record Normalization(float[] gain, Optional<Bias> bias, double epsilon) {

    /** @param module the norm's path in the model, by which adapters name it */
    @SuppressWarnings("ArrayRecordComponent") // weights, which never change
    record Bias(String module, float[] values) {}

    /** to = the normalised rows. */
    void apply(Row[] rows, float[][] x, float[][] to) {
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(x[i], 0, to[i], 0, gain.length);
            if (bias.isEmpty()) {
                FloatRows.divideByRootMeanSquare(to[i], gain, epsilon);
            } else {
                Bias own = bias.get();
                float[] added = rows[i].sequence().biasOfNorm(own.module()).orElse(own.values());
                FloatRows.normalise(to[i], gain, added, epsilon);
            }
        }
    }

    /** Divides the parts of a row by their root mean squares where they are, as many as gains fit in. */
    void applyToParts(float[] row) {
        float[] part = new float[gain.length];
        for (int at = 0; at < row.length; at += part.length) {
            System.arraycopy(row, at, part, 0, part.length);
            FloatRows.divideByRootMeanSquare(part, gain, epsilon);
            System.arraycopy(part, 0, row, at, part.length);
        }
    }

    /** Its bias by its path in the model, if it has one, which adapters may train. */
    Map<String, float[]> biases() {
        return bias.map(own -> Map.of(own.module(), own.values())).orElseGet(Map::of);
    }
}
