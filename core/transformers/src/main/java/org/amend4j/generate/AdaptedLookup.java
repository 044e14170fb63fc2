/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;
import java.util.Optional;

/**
 * What an adapter makes of rows of a table: (W[t] + s·A[t]·B)∘scales, or a row of its own.
 *
 * @param factors A and B; empty if it has only rows of its own
 * @param scales DoRA's, one for each number of a row; empty for 1
 * @param own rows of trained tokens, in place of the table's
 */
record AdaptedLookup(Optional<LowRank> factors, Optional<float[]> scales, Map<Integer, float[]> own) {

    /** Of W[index]. */
    void apply(int index, float[] row) {
        float[] trained = own.get(index);
        if (trained != null) {
            System.arraycopy(trained, 0, row, 0, row.length);
        }
        factors.ifPresent(some -> some.addRows(index, new float[][] {row}));
        scales.ifPresent(some -> Loops.multiply(row, some, some.length));
    }
}
