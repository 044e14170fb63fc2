/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.LowRank;
import org.amend4j.network.Operation.TokenEmbedding;
import org.amend4j.network.Operation.TokenTable;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.network.Values.Slice;
import org.amend4j.plan.PlacedTokens.Feature;
import org.amend4j.plan.Products.Matrix;

/** Rows of tables for tokens, and their tables' gradients. */
final class TokenEmbeddingSteps implements OperationSteps<TokenEmbedding> {

    private final Passes passes;
    private final Products products;

    /** A's rows for the tokens, of embeddings with an adapter. */
    private final Map<Integer, Value> lookedUp = new HashMap<>();

    /** A table, what its rows are multiplied with, and what it is looked up by. */
    private record Lookup(String name, TokenTable table, double factor, Feature feature) {

        /** The rows that tokens may have. */
        MatrixView used(MachineArray values, int columns) {
            long first = (long) table.skipped() * columns;
            return MatrixView.of(values.slice(first, (long) table.rows() * columns), table.rows(), columns);
        }
    }

    TokenEmbeddingSteps(Passes passes) {
        this.passes = passes;
        this.products = new Products(passes.steps());
    }

    private static Stream<Lookup> lookups(TokenEmbedding embedding) {
        return Stream.of(
                        Optional.of(new Lookup("words", embedding.words(), embedding.factor(), Feature.ID)),
                        embedding.positions().map(table -> new Lookup("positions", table, 1, Feature.POSITION)),
                        embedding.types().map(table -> new Lookup("types", table, 1, Feature.TYPE)))
                .flatMap(Optional::stream);
    }

    @Override
    public Value forward(int node, TokenEmbedding embedding) {
        Value out = passes.fresh(node);
        for (Lookup lookup : lookups(embedding).toList()) {
            boolean first = lookup.feature() == Feature.ID;
            Value rows = first ? out : passes.fresh(node);
            lookUp(node, lookup, rows);
            if (first) {
                embedding.adapter().ifPresent(adapter -> addAdapter(node, adapter, rows));
            }
            if (lookup.factor() != 1) {
                scale(node, lookup, rows);
            }
            if (!first) {
                add(node, lookup, rows, out);
            }
        }
        return out;
    }

    private void lookUp(int node, Lookup lookup, Value rows) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        "rows of " + lookup.name() + " "
                                + Products.shape(lookup.table().rows(), rows.columns()),
                        List.of(),
                        List.of(rows),
                        Work.through(2.0 * rows.columns()),
                        b -> b.kernels()
                                .embedding()
                                .gather(
                                        lookup.used(b.parameter(lookup.table().values()), rows.columns()),
                                        b.tokens().feature(lookup.feature()),
                                        b.matrix(rows)));
    }

    /** rows += s·A[id]·B. */
    private void addAdapter(int node, LowRank adapter, Value rows) {
        String vertex = passes.vertex(node);
        int rank = adapter.rank();
        int words = Math.toIntExact(adapter.inputs());
        Value table = passes.transposed(node, adapter.a(), rank, words);
        Value low = passes.steps().per(rows.per(), vertex + " rows of A", rows.rows(), rank);
        passes.steps()
                .add(
                        vertex,
                        "rows of A " + Products.shape(words, rank),
                        List.of(table),
                        List.of(low),
                        Work.through(2.0 * rank),
                        b -> b.kernels()
                                .embedding()
                                .gather(b.matrix(table), b.tokens().feature(Feature.ID), b.matrix(low)));
        products.addProduct(vertex, low, new Matrix("B", adapter.b(), true), rows, adapter.scale());
        lookedUp.put(node, low);
    }

    private void scale(int node, Lookup lookup, Value rows) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        "times " + lookup.factor(),
                        List.of(rows),
                        List.of(rows),
                        Work.through(2.0 * rows.columns()),
                        b -> b.kernels().elementwise().scale(b.array(rows), lookup.factor(), b.array(rows)));
    }

    private void add(int node, Lookup lookup, Value rows, Value out) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        "+ rows of " + lookup.name(),
                        List.of(rows, out),
                        List.of(out),
                        Work.through(3.0 * out.columns()),
                        b -> b.kernels().elementwise().scaledSum(b.array(out), 1, b.array(rows), 1, b.array(out)));
    }

    @Override
    public void backward(int node, TokenEmbedding embedding, Flow flow) {
        if (Liveness.trains(passes.node(node)) && passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException("vertex '" + passes.vertex(node)
                    + "' has tables of tokens that train, whose gradients of single examples no kernel clips");
        }
        embedding.adapter().ifPresent(adapter -> train(node, adapter, embedding.factor(), flow.value()));
        lookups(embedding)
                .filter(lookup -> Liveness.isTrained(lookup.table().values()))
                .forEach(lookup -> train(node, lookup, flow.value()));
    }

    /** dB = s·A[id]ᵀd; each row of dA is the sum of s·dBᵀ over its tokens. */
    private void train(int node, LowRank adapter, double factor, Value delta) {
        String vertex = passes.vertex(node);
        int rank = adapter.rank();
        int words = Math.toIntExact(adapter.inputs());
        double scale = adapter.scale() * factor;
        Value low = Objects.requireNonNull(lookedUp.get(node));
        products.contract(vertex, "gradient of B", delta, low, adapter.b(), scale);
        Value outer = passes.steps().per(delta.per(), vertex + " dB'", delta.rows(), rank);
        products.multiply(vertex, delta, new Matrix("B'", adapter.b(), false), outer);
        Value sums = passes.steps().fixed(vertex + " gradient of A's rows", words, rank);
        passes.steps()
                .add(
                        vertex,
                        "gradient of A " + Products.shape(words, rank),
                        List.of(outer),
                        List.of(sums),
                        new Work(0, rank, 3.0 * words * rank),
                        b -> {
                            b.machine().fill(b.array(sums), 0);
                            b.kernels()
                                    .embedding()
                                    .scatterAdd(
                                            b.matrix(outer),
                                            b.tokens().segments(Feature.ID, words),
                                            scale,
                                            b.matrix(sums));
                            b.kernels().elementwise().transpose(b.array(sums), b.gradient(adapter.a()), 1, words, rank);
                        });
    }

    private void train(int node, Lookup lookup, Value delta) {
        Slice table = (Slice) lookup.table().values();
        passes.steps()
                .add(
                        passes.vertex(node),
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
