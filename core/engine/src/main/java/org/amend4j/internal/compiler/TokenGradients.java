/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.PlacedTokens.Feature;
import org.amend4j.internal.compiler.Products.Matrix;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Values.Slice;

/** Gradients of tables of tokens, and of the adapter of one. */
final class TokenGradients {

    private final PlanSteps steps;
    private final Products products;

    TokenGradients(PlanSteps steps) {
        this.steps = steps;
        this.products = new Products(steps);
    }

    /** @param delta in the place of that of the rows */
    void write(TrainedRows.OfTokens rows, Value delta) {
        String vertex = rows.node().vertex();
        rows.embedding()
                .adapter()
                .ifPresent(adapter -> train(
                        vertex, adapter, rows.embedding().factor(), rows.low().orElseThrow(), delta));
        Lookup.trained(rows.embedding()).forEach(lookup -> train(vertex, lookup, delta));
    }

    /** dB = s·A[id]ᵀd; each row of dA is the sum of s·dBᵀ over its tokens. */
    private void train(String vertex, LowRank adapter, double factor, Value low, Value delta) {
        int rank = adapter.rank();
        int words = Math.toIntExact(adapter.inputs());
        double scale = adapter.scale() * factor;
        products.contract(vertex, "gradient of B", delta, low, adapter.b(), scale);
        Value outer = steps.per(delta.per(), vertex + " dB'", delta.rows(), rank);
        products.multiply(vertex, delta, new Matrix("B'", adapter.b(), false), outer);
        Value sums = steps.fixed(vertex + " gradient of A's rows", words, rank);
        steps.add(
                vertex,
                "gradient of A " + Products.shape(words, rank),
                List.of(outer),
                List.of(sums),
                new Work(0, rank, 3.0 * words * rank),
                b -> {
                    b.machine().fill(b.array(sums), 0);
                    b.kernels()
                            .embedding()
                            .scatterAdd(b.matrix(outer), b.tokens().segments(Feature.ID, words), scale, b.matrix(sums));
                    b.kernels().elementwise().transpose(b.array(sums), b.gradient(adapter.a()), 1, words, rank);
                });
    }

    private void train(String vertex, Lookup lookup, Value delta) {
        Slice table = (Slice) lookup.table().values();
        steps.add(
                vertex,
                "gradient of the table of " + lookup.name() + " "
                        + Products.shape(lookup.table().rows(), delta.columns()),
                List.of(delta),
                List.of(),
                new Work(0, delta.columns(), (double) lookup.table().rows() * delta.columns()),
                b -> {
                    MachineArray gradient = b.gradient(table);
                    b.machine().fill(gradient, 0);
                    b.kernels()
                            .embedding()
                            .scatterAdd(
                                    b.matrix(delta),
                                    b.tokens()
                                            .segments(
                                                    lookup.feature(),
                                                    lookup.table().rows()),
                                    lookup.factor(),
                                    lookup.used(gradient, delta.columns()));
                });
    }
}
