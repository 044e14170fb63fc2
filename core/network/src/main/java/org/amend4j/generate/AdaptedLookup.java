/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;

/**
 * What an adapter makes of rows of a table: (W[t] + s·A[t]·B)∘scales.
 *
 * @param scales DoRA's, one for each number of a row; empty for 1
 */
record AdaptedLookup(LowRank factors, Optional<float[]> scales) {

    /** Of W[index]. */
    void apply(int index, float[] row) {
        factors.addRows(index, new float[][] {row});
        scales.ifPresent(some -> Loops.multiply(row, some, some.length));
    }
}
