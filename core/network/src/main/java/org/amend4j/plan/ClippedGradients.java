/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.machine.MachineArray;
import org.amend4j.network.Node;
import org.amend4j.network.Operation.Product;
import org.amend4j.plan.Value.Buffer;

/**
 * Gradients with every example's share clipped: rows wait until all of them are there, their norms give each example a weight, and
 * the gradients are made of weighted rows ("book-keeping": Bu et al., arXiv 2210.00038).
 */
final class ClippedGradients {

    private final PlanSteps steps;
    private final Patches patches;
    private final AdapterInput adapterInput;
    private final ParameterGradients gradients;
    private final List<TrainedRows> waiting = new ArrayList<>();

    ClippedGradients(PlanSteps steps, ParameterGradients gradients) {
        this.steps = steps;
        this.patches = new Patches(steps);
        this.adapterInput = new AdapterInput(steps);
        this.gradients = gradients;
    }

    void add(TrainedRows rows) {
        waiting.add(rows);
    }

    /** Clips every example's share and writes the gradients. */
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
        Value weights = steps.perExample("weights of examples", 1, 1);
        steps.add(
                "clipping",
                "weights min(1, C/norm)",
                List.of(norms),
                List.of(weights),
                Work.through(2),
                b -> b.kernels().clipping().clipWeights(b.array(norms), b.array(weights), b.clippingBound()));
        waiting.forEach(rows -> write(rows, weights));
    }

    private void addNorms(TrainedRows rows, Value norms) {
        if (rows instanceof TrainedRows.OfProduct product) {
            addNormsOfProduct(product, norms);
        } else if (rows instanceof TrainedRows.OfTable table) {
            addNormsOfTable(table, norms);
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
                addProductNorms(node, rows.low().orElseThrow(), delta, adapter.scale(), norms);
                Value read = adapterInput.rows(node, product, adapter, rows.input(), rows.from(), x);
                addProductNorms(node, read, rows.outer().orElseThrow(), adapter.scale(), norms);
            });
            if (rows.trainsWeight()) {
                addProductNorms(node, x, delta, 1, norms);
            }
        }
        if (Liveness.isTrained(product.bias())) {
            addSumNorms(node, delta, norms);
        }
    }

    /** Norms of Σ_rows xᵀy: by Gram matrices where an example has few rows, by forming each example's product where many. */
    private void addProductNorms(Node node, Value x, Value y, double scale, Value norms) {
        int rows = x.rows();
        double gram = (double) rows * (x.columns() + y.columns());
        double formed = (double) x.columns() * y.columns();
        if (rows == 1 || gram <= formed) {
            steps.add(
                    node.vertex(),
                    "+ norms of products " + Products.shape(x.columns(), rows) + " x "
                            + Products.shape(rows, y.columns()),
                    List.of(x, y, norms),
                    List.of(norms),
                    new Work(2 * rows * gram, gram, 0),
                    b -> b.kernels()
                            .clipping()
                            .addProductNorms(
                                    b.matrix(x),
                                    b.matrix(y),
                                    scale,
                                    b.arithmetic().products(),
                                    b.array(norms),
                                    rows));
            return;
        }
        Value products = steps.perExample(node.vertex() + " products of examples", x.columns(), y.columns());
        steps.add(
                node.vertex(),
                "a product for each example " + Products.shape(x.columns(), rows) + " x "
                        + Products.shape(rows, y.columns()),
                List.of(x, y),
                List.of(products),
                new Work(2 * rows * formed, gram + formed, 0),
                b -> multiplyExamples(b, x, y, products));
        steps.add(
                node.vertex(),
                "+ norms of those",
                List.of(products, x, y, norms),
                List.of(norms),
                new Work(2 * formed, gram + formed, 0),
                b -> b.kernels()
                        .clipping()
                        .addFormedNorms(
                                b.array(products),
                                b.matrix(x),
                                b.matrix(y),
                                scale,
                                b.arithmetic().products(),
                                b.array(norms),
                                rows));
    }

    private static void multiplyExamples(Bindings b, Value x, Value y, Value products) {
        for (int example = 0; example < b.examples(); example++) {
            b.multiply(
                    part(b, x, example),
                    true,
                    part(b, y, example),
                    false,
                    part(b, products, example),
                    x.columns(),
                    y.columns(),
                    x.rows(),
                    1,
                    0);
        }
    }

    private static MachineArray part(Bindings b, Value value, int example) {
        long length = value.length(1);
        return b.array(value).slice(example * length, length);
    }

    private void addSumNorms(Node node, Value values, Value norms) {
        steps.add(
                node.vertex(),
                "+ norms of sums of rows of " + Products.shape(values),
                List.of(values, norms),
                List.of(norms),
                Work.through((double) values.rows() * values.columns()),
                b -> b.kernels().clipping().addSumNorms(b.matrix(values), b.array(norms), values.rows()));
    }

    private void addNormsOfTable(TrainedRows.OfTable rows, Value norms) {
        Value delta = rows.delta().value();
        if (Liveness.isTrained(rows.gather().table())) {
            steps.add(
                    rows.node().vertex(),
                    "+ norms of rows of a table's gradient",
                    List.of(delta, rows.tokens(), norms),
                    List.of(norms),
                    Work.through(delta.columns()),
                    b -> b.kernels()
                            .clipping()
                            .addTableNorms(b.array(rows.tokens()), b.matrix(delta), b.array(norms), delta.rows()));
        }
        if (Liveness.isTrained(rows.gather().bias())) {
            addSumNorms(rows.node(), delta, norms);
        }
    }

    private void write(TrainedRows rows, Value weights) {
        Value delta = scaled(rows.node(), rows.delta(), weights);
        Optional<Value> outer = rows instanceof TrainedRows.OfProduct product
                ? product.outer().map(q -> scaled(rows.node(), new Flow(q, true), weights))
                : Optional.empty();
        gradients.write(rows, delta, outer);
    }

    /** Each row times its example's weight. */
    private Value scaled(Node node, Flow rows, Value weights) {
        Value from = rows.value();
        Value to = rows.owned() ? from : steps.perExample(node.vertex() + " clipped", from.rows(), from.columns());
        steps.add(
                node.vertex(),
                "rows times their example's weight",
                List.of(from, weights),
                List.of(to),
                Work.through(2.0 * from.rows() * from.columns()),
                b -> b.kernels().clipping().scaleRows(b.matrix(from), b.array(weights), b.matrix(to), from.rows()));
        return to;
    }
}
