/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Arrays;
import java.util.Optional;

/**
 * y = x·Wᵀ + b, and what an adapter makes of it.
 *
 * @param module its path in the model, by which adapters name it
 * @param matrix W
 * @param bias b; empty for none
 */
record Linear(String module, Matrix matrix, Optional<float[]> bias) {

    /** The result for all rows. */
    float[][] applied(Row[] rows, float[][] x) {
        float[][] y = new float[rows.length][matrix.outputs()];
        apply(rows, x, y);
        return y;
    }

    /** For all rows; those of one sequence stand together. */
    void apply(Row[] rows, float[][] x, float[][] y) {
        for (int row = 0; row < rows.length; row++) {
            Optional<AdaptedLinear> adapted = rows[row].sequence().adapter(this);
            begin(adapted.isPresent() ? adapted.get().first() : bias, y[row]);
        }
        matrix.multiplyAdd(x, y, 0, rows.length);
        for (int from = 0; from < rows.length; ) {
            Optional<DecoderAdapter> adapter = rows[from].sequence().adapter();
            int to = from + 1;
            while (to < rows.length && rows[to].sequence().adapter().equals(adapter)) {
                to++;
            }
            int begin = from;
            int end = to;
            rows[from].sequence().adapter(this).ifPresent(adapted -> adapted.complete(x, y, begin, end));
            from = to;
        }
    }

    private void begin(Optional<float[]> first, float[] y) {
        if (first.isPresent()) {
            System.arraycopy(first.get(), 0, y, 0, matrix.outputs());
        } else {
            Arrays.fill(y, 0, matrix.outputs(), 0);
        }
    }
}
