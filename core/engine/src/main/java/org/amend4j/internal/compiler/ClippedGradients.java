/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Value.Buffer;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Values.Slice;

/**
 * Gradients with every share clipped, of an example or of several together: rows wait until all of them are there, their norms give
 * each share a weight, and the gradients are made of weighted rows ("book-keeping": Bu et al., arXiv 2210.00038).
 */
final class ClippedGradients {

    private final PlanSteps steps;
    private final Patches patches;
    private final AdapterInput adapterInput;
    private final ParameterGradients gradients;
    private final List<TrainedRows> waiting = new ArrayList<>();
    private final List<ClippedHead> heads = new ArrayList<>();

    ClippedGradients(PlanSteps steps, ParameterGradients gradients) {
        this.steps = steps;
        this.patches = new Patches(steps);
        this.adapterInput = new AdapterInput(steps);
        this.gradients = gradients;
    }

    void add(TrainedRows rows) {
        waiting.add(rows);
    }

    void add(ClippedHead head) {
        heads.add(head);
    }

    /** Clips every share and writes the gradients. */
    void finish() {
        Value norms = new Value(new Buffer.Result(Buffer.Result.Kind.NORMS), "norms of gradients", 1, 1);
        steps.add(
                "clipping",
                "no norms yet",
                List.of(),
                List.of(norms),
                Work.through(1),
                b -> b.machine().fill(b.array(norms), 0));
        waiting.forEach(rows -> addNorms(rows, norms));
        heads.forEach(head -> head.addNorms(norms));
        Value weights = steps.perExample("weights of shares", 1, 1);
        steps.add("clipping", "weights min(1, C/norm)", List.of(norms), List.of(weights), Work.through(2), b -> {
            MachineArray found = b.array(norms);
            b.kernels().clipping().clipWeights(found, b.array(weights).slice(0, found.length()), b.clippingBound());
        });
        waiting.forEach(rows -> write(rows, weights));
        heads.forEach(head -> head.write(weights));
    }

    private void addNorms(TrainedRows rows, Value norms) {
        if (rows instanceof TrainedRows.OfProduct product) {
            addNormsOfProduct(product, norms);
        } else if (rows instanceof TrainedRows.OfTable table) {
            addNormsOfTable(table, norms);
        } else if (rows instanceof TrainedRows.OfTokens ofTokens) {
            Lookup.trained(ofTokens.embedding()).forEach(lookup -> addNormsOfTokens(ofTokens, lookup, norms));
        } else if (rows instanceof TrainedRows.OfSums sums) {
            addSumNorms(sums.node(), sums.delta().value(), norms);
        }
    }

    private void addNormsOfProduct(TrainedRows.OfProduct rows, Value norms) {
        Product product = rows.product();
        Node node = rows.node();
        Value delta = rows.delta().value();
        if (rows.needsInput()) {
            Value x = patches.of(node, product.patches(), rows.input(), rows.from());
            product.adapter().ifPresent(adapter -> {
                double scale = adapter.scale();
                addProductNorms(node, new Summed(rows.low().orElseThrow(), delta, scale, adapter.b()), norms);
                Value read = adapterInput.rows(node, product, adapter, rows.input(), rows.from(), x);
                addProductNorms(node, new Summed(read, rows.outer().orElseThrow(), scale, adapter.a()), norms);
            });
            if (rows.trainsWeight()) {
                addProductNorms(node, new Summed(x, delta, 1, (Slice) product.weight()), norms);
            }
        }
        if (Liveness.isTrained(product.bias())) {
            addSumNorms(node, delta, norms);
        }
    }

    /** The gradient scale · Σ_rows xᵀy of some parameters. */
    private record Summed(Value x, Value y, double scale, Slice parameters) {

        /** What a product takes. */
        String shape() {
            return Products.transposedShape(x) + " x " + Products.shape(y.rows(), y.columns());
        }

        double numbers() {
            return (double) x.columns() * y.columns();
        }

        double gramNumbers(int rows) {
            return (double) rows * (x.columns() + y.columns());
        }

        /** Whether Gram matrices of so many rows are less work than their product. */
        boolean isBetterByGram(int rows) {
            return rows == 1 || gramNumbers(rows) <= numbers();
        }
    }

    /** Norms of sums of products: by Gram matrices where a share has few rows, by forming each share's product where many. */
    private void addProductNorms(Node node, Summed sum, Value norms) {
        int rows = sum.x().rows();
        double gram = sum.gramNumbers(rows);
        if (sum.isBetterByGram(rows)) {
            steps.add(
                    node.vertex(),
                    "+ norms of products " + sum.shape(),
                    List.of(sum.x(), sum.y(), norms),
                    List.of(norms),
                    new Work(2 * rows * gram, gram, 0),
                    b -> b.shareRows().forEach(shares -> addByGramOrAlone(shares, sum, norms)));
            return;
        }
        Value products = steps.perExample(
                node.vertex() + " products of shares",
                sum.x().columns(),
                sum.y().columns());
        steps.add(
                node.vertex(),
                "a product for each share " + sum.shape(),
                List.of(sum.x(), sum.y()),
                List.of(products),
                new Work(2 * rows * sum.numbers(), gram + sum.numbers(), 0),
                b -> b.shareRows().forEach(shares -> form(shares, sum, shares.perShare(products))));
        steps.add(
                node.vertex(),
                "+ norms of those",
                List.of(products, sum.x(), sum.y(), norms),
                List.of(norms),
                new Work(2 * sum.numbers(), gram + sum.numbers(), 0),
                b -> b.shareRows().forEach(shares -> addFormed(shares, sum, shares.perShare(products), norms)));
    }

    /** Shares of many examples may have many rows where an example has few: then the gradient's own place takes one after the other. */
    private static void addByGramOrAlone(ShareRows shares, Summed sum, Value norms) {
        Bindings b = shares.b();
        int rows = shares.rowsOf(sum.x());
        if (sum.isBetterByGram(rows)) {
            b.kernels()
                    .clipping()
                    .addProductNorms(
                            shares.matrix(sum.x()),
                            shares.matrix(sum.y()),
                            sum.scale(),
                            b.arithmetic().products(),
                            shares.perShare(norms),
                            rows);
            return;
        }
        MachineArray place = b.gradient(sum.parameters());
        for (int k = 0; k < shares.shares(); k++) {
            form(shares.only(k), sum, place);
            addFormed(shares.only(k), sum, place, norms);
        }
    }

    private static void form(ShareRows shares, Summed sum, MachineArray products) {
        int rows = shares.rowsOf(sum.x());
        long length = products.length() / shares.shares();
        for (int k = 0; k < shares.shares(); k++) {
            ShareRows share = shares.only(k);
            shares.b()
                    .multiply(
                            share.array(sum.x()),
                            true,
                            share.array(sum.y()),
                            false,
                            products.slice(k * length, length),
                            sum.x().columns(),
                            sum.y().columns(),
                            rows,
                            1,
                            0);
        }
    }

    private static void addFormed(ShareRows shares, Summed sum, MachineArray products, Value norms) {
        Bindings b = shares.b();
        b.kernels()
                .clipping()
                .addFormedNorms(
                        products,
                        shares.matrix(sum.x()),
                        shares.matrix(sum.y()),
                        sum.scale(),
                        b.arithmetic().products(),
                        shares.perShare(norms),
                        shares.rowsOf(sum.x()));
    }

    private void addSumNorms(Node node, Value values, Value norms) {
        steps.add(
                node.vertex(),
                "+ norms of sums of rows of " + Products.shape(values),
                List.of(values, norms),
                List.of(norms),
                Work.through((double) values.rows() * values.columns()),
                b -> b.shareRows()
                        .forEach(shares -> b.kernels()
                                .clipping()
                                .addSumNorms(shares.matrix(values), shares.perShare(norms), shares.rowsOf(values))));
    }

    private void addNormsOfTable(TrainedRows.OfTable rows, Value norms) {
        Value delta = rows.delta().value();
        if (Liveness.isTrained(rows.gather().table())) {
            addTableNorms(
                    rows.node(),
                    "a table",
                    List.of(rows.tokens()),
                    delta,
                    1,
                    shares -> shares.array(rows.tokens()),
                    norms);
        }
        if (Liveness.isTrained(rows.gather().bias())) {
            addSumNorms(rows.node(), delta, norms);
        }
    }

    private void addNormsOfTokens(TrainedRows.OfTokens rows, Lookup lookup, Value norms) {
        addTableNorms(
                rows.node(),
                "the table of " + lookup.name(),
                List.of(),
                rows.delta().value(),
                lookup.factor(),
                shares -> shares.feature(lookup.feature()),
                norms);
    }

    private void addTableNorms(
            Node node,
            String table,
            List<Value> tokens,
            Value delta,
            double scale,
            Function<ShareRows, MachineArray> find,
            Value norms) {
        steps.add(
                node.vertex(),
                "+ norms of rows of the gradient of " + table,
                Stream.concat(Stream.of(delta, norms), tokens.stream()).toList(),
                List.of(norms),
                Work.through((double) delta.rows() * delta.columns()),
                b -> b.shareRows()
                        .forEach(shares -> b.kernels()
                                .clipping()
                                .addTableNorms(
                                        find.apply(shares),
                                        shares.matrix(delta),
                                        scale,
                                        shares.perShare(norms),
                                        shares.rowsOf(delta))));
    }

    private void write(TrainedRows rows, Value weights) {
        Value delta = scaled(rows.node(), rows.delta(), weights);
        Optional<Value> outer = rows instanceof TrainedRows.OfProduct product
                ? product.outer().map(q -> scaled(rows.node(), new GradientFlow(q, true), weights))
                : Optional.empty();
        gradients.write(rows, delta, outer);
    }

    /** Each row times its share's weight. */
    private Value scaled(Node node, GradientFlow rows, Value weights) {
        Value from = rows.value();
        Value to = rows.owned() ? from : steps.per(from.per(), node.vertex() + " clipped", from.rows(), from.columns());
        steps.add(
                node.vertex(),
                "rows times their share's weight",
                List.of(from, weights),
                List.of(to),
                Work.through(2.0 * from.rows() * from.columns()),
                b -> {
                    b.shareRows()
                            .forEach(shares -> b.kernels()
                                    .clipping()
                                    .scaleRows(
                                            shares.matrix(from),
                                            shares.perShare(weights),
                                            shares.matrix(to),
                                            shares.rowsOf(from)));
                    if (from.per() == RowUnit.TOKEN && !rows.owned()) {
                        clearRowsOfNone(b, to);
                    }
                });
        return to;
    }

    /** Rows that belong to no example are in no share. */
    private static void clearRowsOfNone(Bindings b, Value to) {
        MachineArray all = b.array(to);
        long used = b.tokens().used() * to.each();
        b.machine().fill(all.slice(used, all.length() - used), 0);
    }
}
