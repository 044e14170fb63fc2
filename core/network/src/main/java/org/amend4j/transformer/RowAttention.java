/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@code softmax(QKᵀ/√D)V} in each head of each example, over the keys that the rule lets a query see. With P the softmax: dV = PᵀdO,
 * dP = dO·Vᵀ, dS = P∘(dP − Σ_keys P∘dP), dQ = dS·K/√D, dK = dSᵀQ/√D; heads that share keys and values add up their derivatives.
 *
 * @param queries [rows, heads · D], turned by their positions already
 * @param keys [rows, key-value heads · D]
 * @param values as keys
 */
record RowAttention(AttentionRule rule, TokenRows rows, INDArray queries, INDArray keys, INDArray values) {

    /** Far below every score, and finite: its exponential is 0 in both precisions. */
    private static final double UNSEEN = -1e9;

    /** Derivatives at queries, keys and values. */
    record Derivatives(INDArray queries, INDArray keys, INDArray values) {}

    /** One head of one example: views. */
    private record Head(int example, int head, INDArray q, INDArray k, INDArray v) {}

    private int size() {
        return (int) queries.size(1) / rule.heads();
    }

    private void forEachHead(Consumer<Head> what) {
        for (int example = 0; example < rows.examples(); example++) {
            for (int head = 0; head < rule.heads(); head++) {
                what.accept(new Head(
                        example,
                        head,
                        ofQueries(queries, example, head),
                        ofKeys(keys, example, head),
                        ofKeys(values, example, head)));
            }
        }
    }

    private INDArray ofQueries(INDArray matrix, int example, int head) {
        return Columns.of(matrix, rows.start(example), rows.end(example), (long) head * size(), size());
    }

    private INDArray ofKeys(INDArray matrix, int example, int head) {
        return ofQueries(matrix, example, head / (rule.heads() / rule.keyValueHeads()));
    }

    /** O, [rows, heads · D] in C order. */
    INDArray forward() {
        INDArray output = Nd4j.createUninitialized(queries.dataType(), queries.shape(), 'c');
        forEachHead(of -> ofQueries(output, of.example(), of.head())
                .assign(probabilities(of).mmul(of.v())));
        return output;
    }

    /** From the derivative at O. */
    Derivatives backward(INDArray d) {
        INDArray dq = Nd4j.zeros(queries.dataType(), queries.shape());
        INDArray dk = Nd4j.zeros(keys.dataType(), keys.shape());
        INDArray dv = Nd4j.zeros(values.dataType(), values.shape());
        double scale = 1 / Math.sqrt(size());
        forEachHead(of -> {
            INDArray p = probabilities(of);
            INDArray dHead = ofQueries(d, of.example(), of.head());
            ofKeys(dv, of.example(), of.head()).addi(p.transpose().mmul(dHead));
            INDArray ds = dHead.mmul(of.v().transpose());
            ds.subiColumnVector(ds.mul(p).sum(true, 1)).muli(p).muli(scale);
            ofQueries(dq, of.example(), of.head()).assign(ds.mmul(of.k()));
            ofKeys(dk, of.example(), of.head()).addi(ds.transpose().mmul(of.q()));
        });
        return new Derivatives(dq, dk, dv);
    }

    private INDArray probabilities(Head of) {
        INDArray scores = of.q().mmul(of.k().transpose()).muli(1 / Math.sqrt(size()));
        if (rule.causal()) {
            hide(scores);
        }
        scores.subiColumnVector(scores.max(true, 1));
        INDArray exponentials = Transforms.exp(scores, false);
        return exponentials.diviColumnVector(exponentials.sum(true, 1));
    }

    private void hide(INDArray scores) {
        for (int query = 0; query < scores.size(0); query++) {
            for (int key = 0; key < scores.size(1); key++) {
                if (!rule.sees(query, key)) {
                    scores.putScalar(query, key, UNSEEN);
                }
            }
        }
    }
}
