/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.compiler.Value.Buffer;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation.Gather;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Values.Slice;

/** Makes gradients of rows: dB = s·Pᵀd, dA = s·x̃ᵀQ, dW = xᵀd, column sums for vectors, sums by token for tables. */
final class ParameterGradients {

    private final PlanSteps steps;
    private final LowRankSteps lowRank;
    private final Products products;
    private final Patches patches;
    private final AdapterInput adapterInput;
    private final TokenGradients tokens;
    private final boolean withWeightGradients;
    private final List<LowRank> adapters = new ArrayList<>();

    /** @param withWeightGradients whether the gradients of adapted weights are summed up, too */
    ParameterGradients(PlanSteps steps, LowRankSteps lowRank, boolean withWeightGradients) {
        this.steps = steps;
        this.lowRank = lowRank;
        this.products = new Products(steps);
        this.patches = new Patches(steps);
        this.adapterInput = new AdapterInput(steps);
        this.tokens = new TokenGradients(steps);
        this.withWeightGradients = withWeightGradients;
    }

    /** The adapters met so far; the n-th has the n-th {@link Buffer.WeightGradient}. */
    List<LowRank> adapters() {
        return List.copyOf(adapters);
    }

    /** Gradients of the rows as they are. */
    void write(TrainedRows rows) {
        if (rows instanceof TrainedRows.OfProduct product) {
            product(product, product.delta().value(), product.outer(), product.biasDone());
        } else {
            write(rows, rows.delta().value(), Optional.empty());
        }
    }

    /**
     * Gradients of rows of which only these are taken otherwise; every one of them, biases too.
     *
     * @param outer in the place of a product's d·Bᵀ
     */
    void write(TrainedRows rows, Value delta, Optional<Value> outer) {
        if (rows instanceof TrainedRows.OfProduct product) {
            product(product, delta, outer, false);
        } else if (rows instanceof TrainedRows.OfSums sums) {
            columnSums(sums.node(), delta, sums.vector());
        } else if (rows instanceof TrainedRows.OfTable table) {
            table(table, delta);
        } else if (rows instanceof TrainedRows.OfTokens ofTokens) {
            tokens.write(ofTokens, delta);
        }
    }

    private void product(TrainedRows.OfProduct rows, Value delta, Optional<Value> outer, boolean biasDone) {
        Product product = rows.product();
        String vertex = rows.node().vertex();
        if (rows.needsInput()) {
            Value x = patches.of(rows.node(), product.patches(), rows.input(), rows.from());
            product.adapter().ifPresent(adapter -> adapter(rows, adapter, delta, outer.orElseThrow(), x));
            if (rows.trainsWeight()) {
                products.contract(vertex, "gradient of W", delta, x, (Slice) product.weight(), 1);
            }
        }
        if (Liveness.isTrained(product.bias()) && !biasDone) {
            columnSums(rows.node(), delta, (Slice) product.bias().orElseThrow());
        }
    }

    private void adapter(TrainedRows.OfProduct rows, LowRank adapter, Value delta, Value outer, Value x) {
        String vertex = rows.node().vertex();
        Value low = rows.low().orElseThrow();
        if (!rows.upDone()) {
            products.contract(vertex, "gradient of B", delta, low, adapter.b(), rows.scale(adapter));
        }
        Value read = adapterInput.rows(rows.node(), rows.product(), adapter, rows.input(), rows.from(), x);
        if (rows.joint() && outer.isNarrow() == read.isNarrow() && LowRankSteps.suits(read, adapter.rank())) {
            lowRank.gradient(
                    vertex,
                    "gradient of A: product " + Products.transposedShape(outer) + " x " + Products.shape(read),
                    read,
                    outer,
                    adapter.a());
        } else {
            products.contract(vertex, "gradient of A", outer, read, adapter.a(), rows.scale(adapter));
        }
        if (withWeightGradients) {
            Value sum = new Value(
                    new Buffer.WeightGradient(adapters.size()),
                    vertex + " weight gradient",
                    delta.columns(),
                    x.columns());
            adapters.add(adapter);
            products.addContraction(vertex, "+ gradient of the adapted weight", delta, x, sum);
        }
    }

    private void columnSums(Node node, Value delta, Slice vector) {
        Value scratch = sumsScratch(steps, node.vertex(), delta);
        steps.add(
                node.vertex(),
                "gradient of a vector: column sums of " + Products.shape(delta),
                List.of(delta),
                List.of(scratch),
                Work.through((double) delta.rows() * delta.columns()),
                b -> b.kernels().activation().columnSums(b.matrix(delta), b.gradient(vector), b.array(scratch), 0));
    }

    /** A place for the sums of chunks of rows; at least as long as {@link ActivationKernels#sumsScratch} wants it. */
    static Value sumsScratch(PlanSteps steps, String vertex, Value delta) {
        int chunks = Math.toIntExact(ActivationKernels.sumsScratch(delta.rows(), 1));
        return steps.per(delta.per(), vertex + " sums of chunks", chunks, delta.columns());
    }

    private void table(TrainedRows.OfTable rows, Value delta) {
        Gather gather = rows.gather();
        Node node = rows.node();
        int columns = delta.columns();
        if (Liveness.isTrained(gather.table())) {
            Slice table = (Slice) gather.table();
            Value sums = steps.fixed(node.vertex() + " table gradient", gather.vocabulary(), columns);
            steps.add(
                    node.vertex(),
                    "gradient of the table " + Products.shape(gather.vocabulary(), columns),
                    List.of(delta, rows.tokens()),
                    List.of(sums),
                    new Work(0, 2.0 * columns, 3.0 * gather.vocabulary() * columns),
                    b -> {
                        b.machine().fill(b.array(sums), 0);
                        b.kernels()
                                .embedding()
                                .scatterAdd(
                                        b.matrix(delta),
                                        b.segments(rows.tokens(), gather.vocabulary()),
                                        1,
                                        b.matrix(sums));
                        b.kernels()
                                .elementwise()
                                .transpose(b.array(sums), b.gradient(table), 1, gather.vocabulary(), columns);
                    });
        }
        if (Liveness.isTrained(gather.bias())) {
            columnSums(node, delta, (Slice) gather.bias().orElseThrow());
        }
    }
}
