/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.internal.validation.Checks;

/**
 * A LoRA adapter on a product: {@code + s·(x̃A)B}, x̃ being x with some elements dropped in training.
 *
 * @param a A's transpose, [rank, inputs] row after row: Deeplearning4j's own Fortran order
 * @param b B's transpose, [outputs, rank] row after row
 * @param scale s
 * @param dropout probability in [0, 1) with which an element of x is dropped; 0 where the network is not trained by minibatches
 */
public record LowRank(Values.Slice a, Values.Slice b, int rank, double scale, double dropout) {
    public LowRank {
        Checks.atLeast(1, "rank", rank);
        Checks.finite("scale", scale);
        Checks.belowOne("dropout", dropout);
    }

    /** Whether x̃ is not x. */
    public boolean drops() {
        return dropout > 0;
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
