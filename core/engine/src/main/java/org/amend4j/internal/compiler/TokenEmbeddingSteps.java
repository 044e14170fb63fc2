/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.compiler.PlacedTokens.Feature;
import org.amend4j.internal.compiler.Products.Matrix;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Operation.TokenEmbedding;
import org.amend4j.model.UnsupportedNetworkException;

/** Rows of tables for tokens, and their tables' gradients. */
final class TokenEmbeddingSteps implements OperationSteps<TokenEmbedding> {

    private final GraphCompiler passes;
    private final Products products;

    /** A's rows for the tokens, of embeddings with an adapter. */
    private final Map<Integer, Value> lookedUp = new HashMap<>();

    TokenEmbeddingSteps(GraphCompiler passes) {
        this.passes = passes;
        this.products = new Products(passes.steps());
    }

    @Override
    public Value forward(int node, TokenEmbedding embedding) {
        Value out = passes.fresh(node);
        for (Lookup lookup : Lookup.of(embedding).toList()) {
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
    public void backward(int node, TokenEmbedding embedding, GradientFlow flow) {
        if (embedding.adapter().isPresent() && passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException("vertex '" + passes.vertex(node)
                    + "' has an adapter on a table of tokens, whose gradients of single examples no kernel clips");
        }
        Optional<Value> low = Optional.ofNullable(lookedUp.get(node));
        passes.parameters().add(new TrainedRows.OfTokens(passes.node(node), embedding, low, flow));
    }
}
