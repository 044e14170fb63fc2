/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Attention in ND4J's operations, for any backend and type. In between, arrays are [examples, heads, steps, size]. */
record PortableAttention(DotProductAttention attention) {

    void forward(INDArray output) {
        INDArray made = Nd4j.matmul(probabilities(), heads(attention.values(), keys()));
        output.assign(rows(made));
    }

    DotProductAttention.Gradients backward(INDArray d) {
        INDArray p = probabilities();
        INDArray errors = heads(d, queries());
        INDArray dValues = Nd4j.matmul(turned(p), errors);
        INDArray dScores = Nd4j.matmul(errors, turned(heads(attention.values(), keys())));
        dScores.subi(p.mul(dScores).sum(true, 3).broadcast(p.shape())).muli(p).muli(scale());
        INDArray dQueries = rows(Nd4j.matmul(dScores, heads(attention.keys(), keys())));
        INDArray dKeys = Nd4j.matmul(turned(dScores), heads(allQueries(), queries()));
        return new DotProductAttention.Gradients(
                attention.sharesQueries() ? summed(dQueries) : dQueries, rows(dKeys), rows(dValues));
    }

    /** [examples, heads, queries, keys]. */
    private INDArray probabilities() {
        INDArray scores = Nd4j.matmul(heads(allQueries(), queries()), turned(heads(attention.keys(), keys())))
                .muli(scale());
        Optional<INDArray> shift = attention
                .mask()
                .map(mask -> mask.rsub(1).muli(DotProductAttention.MASKED).castTo(scores.dataType()));
        shift.ifPresent(one ->
                scores.addi(one.reshape('c', one.size(0), 1, 1, one.size(1)).broadcast(scores.shape())));
        scores.subi(scores.max(true, 3).broadcast(scores.shape())); // ND4J's softmax makes NaN of doubles near -10⁹
        return Nd4j.nn().softmax(scores, 3);
    }

    private double scale() {
        return 1
                / Math.sqrt(
                        (double) attention.keys().size(1) / attention.sizes().heads());
    }

    private int queries() {
        return attention.sizes().queries();
    }

    private int keys() {
        return attention.sizes().keys();
    }

    private INDArray allQueries() {
        INDArray queries = attention.queries();
        return attention.sharesQueries() ? Nd4j.tile(queries, attention.sizes().examples(), 1) : queries;
    }

    private INDArray summed(INDArray rows) {
        return rows.reshape('c', attention.sizes().examples(), queries(), rows.size(1))
                .sum(0);
    }

    private INDArray heads(INDArray rows, int steps) {
        int heads = attention.sizes().heads();
        return rows.dup('c')
                .reshape('c', attention.sizes().examples(), steps, heads, rows.size(1) / heads)
                .permute(0, 2, 1, 3)
                .dup('c');
    }

    private static INDArray rows(INDArray heads) {
        return heads.permute(0, 2, 1, 3)
                .dup('c')
                .reshape('c', heads.size(0) * heads.size(2), heads.size(1) * heads.size(3));
    }

    private static INDArray turned(INDArray heads) {
        return heads.permute(0, 1, 3, 2).dup('c');
    }
}
