/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A layer: x += attention(norm x), then x += feedForward(norm x). */
record DecoderLayer(
        Normalization attentionNorm, SelfAttention attention, Normalization feedForwardNorm, FeedForward feedForward) {

    /** Adds to all rows; {@code index} is that of its cache. */
    void apply(int index, Row[] rows, float[][] x) {
        int width = x[0].length;
        float[][] normal = new float[rows.length][width];
        float[][] added = new float[rows.length][width];
        attentionNorm.apply(rows, x, normal);
        attention.apply(index, rows, normal, added);
        add(x, added);
        feedForwardNorm.apply(rows, x, normal);
        feedForward.apply(rows, normal, added);
        add(x, added);
    }

    private static void add(float[][] x, float[][] added) {
        for (int i = 0; i < x.length; i++) {
            Loops.add(x[i], added[i], x[i].length);
        }
    }

    List<Linear> linears() {
        List<Linear> linears = new ArrayList<>(attention.linears());
        linears.addAll(feedForward.linears());
        return linears;
    }

    Stream<Normalization> norms() {
        return Stream.of(attentionNorm, feedForwardNorm);
    }
}
