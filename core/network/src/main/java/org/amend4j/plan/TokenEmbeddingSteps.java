/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.Operation.TokenEmbedding;
import org.amend4j.network.Operation.TokenTable;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.network.Values.Slice;
import org.amend4j.plan.PlacedTokens.Feature;

/** Rows of tables for tokens, and their tables' gradients. */
final class TokenEmbeddingSteps implements OperationSteps<TokenEmbedding> {

    private final Passes passes;

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
        lookups(embedding)
                .filter(lookup -> Liveness.isTrained(lookup.table().values()))
                .forEach(lookup -> train(node, lookup, flow.value()));
    }

    private void train(int node, Lookup lookup, Value delta) {
        if (passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException("vertex '" + passes.vertex(node)
                    + "' has tables of tokens that train, whose gradients of single examples no kernel clips");
        }
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
