/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RowAttentionKernels;
import org.amend4j.internal.backend.RowAttentionKernels.Attended;
import org.amend4j.internal.backend.RowAttentionKernels.Projections;
import org.amend4j.transformer.AttentionRule;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@code softmax(QKᵀ/√D)V} in each head of each example, over the keys that the rule lets a query see, queries and keys turned by their
 * positions before if they are rotary ({@link RowAttentionKernels}).
 *
 * @param queries [rows, heads · D], not turned
 * @param keys [rows, key-value heads · D], not turned
 * @param values as keys
 * @param out [rows, heads · D]
 * @param logSums [rows, heads]
 */
public record RowAttention(
        AttentionRule rule,
        Optional<RotaryTables> rotary,
        TokenRows rows,
        INDArray queries,
        INDArray keys,
        INDArray values,
        INDArray out,
        INDArray logSums) {

    private RowAttentionKernels.Rule kernelRule() {
        int size = (int) queries.size(1) / rule.heads();
        OptionalInt window = rule.window().map(OptionalInt::of).orElse(OptionalInt.empty());
        return new RowAttentionKernels.Rule(rule.heads(), rule.keyValueHeads(), size, rule.causal(), window);
    }

    /** Writes the result and what the backward pass needs. */
    public void forward() {
        try (ArrayKernels kernels = new ArrayKernels(queries)) {
            kernels.get()
                    .rowAttention()
                    .forward(inputs(kernels), kernels.integers(rows.starts()), kernelRule(), attended(kernels));
        }
    }

    /** Writes the derivatives at the inputs, arrays with contiguous rows, from that at the result. */
    public void backward(INDArray d, INDArray dQueries, INDArray dKeys, INDArray dValues) {
        try (ArrayKernels kernels = new ArrayKernels(queries)) {
            MatrixView toQueries = kernels.into(dQueries);
            MatrixView toKeys = kernels.into(dKeys);
            kernels.get()
                    .rowAttention()
                    .gradient(
                            inputs(kernels),
                            kernels.integers(rows.starts()),
                            kernelRule(),
                            attended(kernels),
                            kernels.rows(d),
                            kernels.numbers(logSums.ulike()),
                            new Projections(toQueries, toKeys, kernels.into(dValues)));
            turn(kernels, dQueries, toQueries, true);
            turn(kernels, dKeys, toKeys, true);
        }
    }

    private Projections inputs(ArrayKernels kernels) {
        return new Projections(turned(kernels, queries), turned(kernels, keys), kernels.rows(values));
    }

    private Attended attended(ArrayKernels kernels) {
        return new Attended(kernels.into(out), kernels.numbers(logSums));
    }

    private MatrixView turned(ArrayKernels kernels, INDArray array) {
        if (rotary.isEmpty()) {
            return kernels.rows(array);
        }
        INDArray result = Nd4j.createUninitialized(array.dataType(), array.shape(), 'c');
        MatrixView turned = kernels.into(result);
        turn(kernels, array, turned, false);
        return turned;
    }

    private void turn(ArrayKernels kernels, INDArray array, MatrixView to, boolean back) {
        rotary.ifPresent(tables -> {
            MatrixView from = kernels.rows(array);
            int[] positions = rows.positions();
            MachineArray places = kernels.integers(positions);
            var angles = tables.upTo(positions, array.dataType(), kernels);
            kernels.divide(
                    from,
                    (first, count) -> kernels.get()
                            .rotary()
                            .turn(
                                    from.rows(first, count),
                                    places.slice(first, count),
                                    angles,
                                    to.rows(first, count),
                                    back));
        });
    }
}
