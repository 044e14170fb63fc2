/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import org.amend4j.internal.validation.Checks;

/**
 * A LoRA adapter on a product: {@code + s·(xA)B}.
 *
 * @param a A's transpose, [rank, inputs] row after row: Deeplearning4j's own Fortran order
 * @param b B's transpose, [outputs, rank] row after row
 * @param scale s
 */
public record LowRank(Values.Slice a, Values.Slice b, int rank, double scale) {
    public LowRank {
        Checks.atLeast(1, "rank", rank);
        Checks.finite("scale", scale);
    }

    /** Rows of A. */
    public long inputs() {
        return a.length() / rank;
    }

    /** Columns of B. */
    public long outputs() {
        return b.length() / rank;
    }
}
