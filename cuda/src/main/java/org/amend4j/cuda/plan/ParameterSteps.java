package org.amend4j.cuda.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.kernel.ActivationKernels;
import org.amend4j.cuda.network.LowRank;
import org.amend4j.cuda.network.Node;
import org.amend4j.cuda.network.Operation.Gather;
import org.amend4j.cuda.network.Operation.Product;
import org.amend4j.cuda.network.Values.Slice;
import org.amend4j.cuda.plan.Value.Buffer;

/**
 * The gradients of what trains, made of the rows that the two passes leave: at once, or, where every example's share is clipped
 * first, when the norms of all of them are known. Nothing of the size of a frozen weight is made, but in {@link
 * Variant#WEIGHT_GRADIENTS}.
 */
final class ParameterSteps {

    /** Rows of an example up to which one more product is avoided by its Gram matrices whatever the sizes. */
    private static final int ROWS_OF_ONE = 1;

    private final Steps steps;
    private final Products products;
    private final Patches patches;
    private final Variant variant;
    private final List<Pending> pending = new ArrayList<>();
    private final List<LowRank> adapters = new ArrayList<>();

    /** The rows behind one layer's gradients. */
    private sealed interface Pending {

        Node node();

        Flow delta();

        /** Of a product. */
        record OfProduct(ProductRows rows) implements Pending {
            @Override
            public Node node() {
                return rows.node();
            }

            @Override
            public Flow delta() {
                return rows.delta();
            }
        }

        /** Of a vector whose gradient is the sum of the rows. */
        record OfSums(Node node, Slice vector, Flow delta) implements Pending {}

        /** Of a table. */
        record OfTable(Node node, Gather gather, Value tokens, Flow delta) implements Pending {}
    }

    ParameterSteps(Steps steps, Variant variant) {
        this.steps = steps;
        this.products = new Products(steps);
        this.patches = new Patches(steps);
        this.variant = variant;
    }

    /** Whether gradients wait for the norms. */
    boolean areDeferred() {
        return variant == Variant.CLIPPED;
    }

    /** The adapters met so far; the n-th has the n-th {@link Buffer.WeightGradient}. */
    List<LowRank> adapters() {
        return List.copyOf(adapters);
    }

    void product(ProductRows rows) {
        if (areDeferred()) {
            pending.add(new Pending.OfProduct(rows));
        } else {
            write(rows, rows.delta().value(), rows.outer(), rows.biasDone());
        }
    }

    void gather(Node node, Gather gather, Flow delta, Value tokens) {
        Pending.OfTable rows = new Pending.OfTable(node, gather, tokens, delta);
        if (areDeferred()) {
            pending.add(rows);
        } else {
            writeTable(rows, delta.value());
        }
    }

    /** A vector's gradient: the sum of rows. */
    void sums(Node node, Slice vector, Flow rows) {
        if (areDeferred()) {
            pending.add(new Pending.OfSums(node, vector, rows));
        } else {
            columnSums(node, rows.value(), vector);
        }
    }

    private void write(ProductRows rows, Value delta, Optional<Value> outer, boolean biasDone) {
        Product product = rows.product();
        String vertex = rows.node().vertex();
        boolean weight = Liveness.isTrained(product.weight());
        if (product.adapter().isPresent() || weight) {
            Value x = patches.of(rows.node(), product.window(), rows.input(), rows.from());
            product.adapter().ifPresent(adapter -> write(rows, adapter, delta, outer.orElseThrow(), x));
            if (weight) {
                products.contract(vertex, "gradient of W", delta, x, (Slice) product.weight(), 1);
            }
        }
        if (Liveness.isTrained(product.bias()) && !biasDone) {
            columnSums(rows.node(), delta, (Slice) product.bias().orElseThrow());
        }
    }

    private void write(ProductRows rows, LowRank adapter, Value delta, Value outer, Value x) {
        String vertex = rows.node().vertex();
        Value low = rows.low().orElseThrow();
        products.contract(vertex, "gradient of B", delta, low, adapter.b(), adapter.scale());
        products.contract(vertex, "gradient of A", outer, x, adapter.a(), adapter.scale());
        if (variant == Variant.WEIGHT_GRADIENTS) {
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
        Value scratch = sumsScratch(node.vertex(), delta);
        steps.add(
                node.vertex(),
                "gradient of a vector: column sums of " + Products.shape(delta),
                List.of(delta),
                List.of(scratch),
                Work.through((double) delta.rows() * delta.columns()),
                b -> b.kernels().activation().columnSums(b.matrix(delta), b.gradient(vector), b.array(scratch), 0));
    }

    /** A place for the sums of chunks of rows; at least as long as {@link ActivationKernels#sumsScratch} wants it. */
    Value sumsScratch(String vertex, Value delta) {
        int chunks = Math.toIntExact(ActivationKernels.sumsScratch(delta.rows(), 1));
        return steps.perExample(vertex + " sums of chunks", chunks, delta.columns());
    }

    private void writeTable(Pending.OfTable rows, Value delta) {
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
                        b.device().fill(b.array(sums), 0);
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

    /** Clips every example's share and writes the gradients that waited. */
    void finish() {
        if (!areDeferred()) {
            return;
        }
        Value squares =
                new Value(new Buffer.Result(Buffer.Result.Kind.SQUARED_NORMS), "squared norms of gradients", 1, 1);
        steps.add(
                "clipping",
                "no norms yet",
                List.of(),
                List.of(squares),
                Work.through(1),
                b -> b.device().fill(b.array(squares), 0));
        pending.forEach(rows -> addNorms(rows, squares));
        Value weights = steps.perExample("weights of examples", 1, 1);
        steps.add(
                "clipping",
                "weights min(1, C/norm)",
                List.of(squares),
                List.of(weights),
                Work.through(2),
                b -> b.kernels().clipping().clipWeights(b.array(squares), b.array(weights), b.clippingBound()));
        pending.forEach(rows -> writeClipped(rows, weights));
    }

    private void addNorms(Pending rows, Value squares) {
        if (rows instanceof Pending.OfProduct product) {
            addNormsOfProduct(product.rows(), squares);
        } else if (rows instanceof Pending.OfTable table) {
            addNormsOfTable(table, squares);
        } else if (rows instanceof Pending.OfSums sums) {
            addSumNorms(sums.node(), sums.delta().value(), squares);
        }
    }

    private void addNormsOfProduct(ProductRows rows, Value squares) {
        Product product = rows.product();
        Node node = rows.node();
        Value delta = rows.delta().value();
        boolean weight = Liveness.isTrained(product.weight());
        if (product.adapter().isPresent() || weight) {
            Value x = patches.of(node, product.window(), rows.input(), rows.from());
            product.adapter().ifPresent(adapter -> {
                double factor = adapter.scale() * adapter.scale();
                addProductNorms(node, rows.low().orElseThrow(), delta, factor, squares);
                addProductNorms(node, x, rows.outer().orElseThrow(), factor, squares);
            });
            if (weight) {
                addProductNorms(node, x, delta, 1, squares);
            }
        }
        if (Liveness.isTrained(product.bias())) {
            addSumNorms(node, delta, squares);
        }
    }

    /** Norms of Σ_rows xᵀy: by Gram matrices where an example has few rows, by forming each example's product where many. */
    private void addProductNorms(Node node, Value x, Value y, double factor, Value squares) {
        int rows = x.rows();
        double gram = (double) rows * (x.columns() + y.columns());
        double formed = (double) x.columns() * y.columns();
        if (rows <= ROWS_OF_ONE || gram <= formed) {
            steps.add(
                    node.vertex(),
                    "+ squared norms of products " + Products.shape(x.columns(), rows) + " x "
                            + Products.shape(rows, y.columns()),
                    List.of(x, y, squares),
                    List.of(squares),
                    new Work(2 * rows * gram, gram, 0),
                    b -> b.kernels()
                            .clipping()
                            .addProductNorms(b.matrix(x), b.matrix(y), factor, b.array(squares), rows));
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
        addSumNorms(node, products.as(1, products.rows() * products.columns()), factor, squares);
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

    private static DeviceArray part(Bindings b, Value value, int example) {
        long length = value.length(1);
        return b.array(value).slice(example * length, length);
    }

    private void addSumNorms(Node node, Value delta, Value squares) {
        addSumNorms(node, delta, 1, squares);
    }

    private void addSumNorms(Node node, Value values, double factor, Value squares) {
        steps.add(
                node.vertex(),
                "+ squared norms of sums of rows of " + Products.shape(values),
                List.of(values, squares),
                List.of(squares),
                Work.through((double) values.rows() * values.columns()),
                b -> b.kernels().clipping().addSumNorms(b.matrix(values), factor, b.array(squares), values.rows()));
    }

    private void addNormsOfTable(Pending.OfTable rows, Value squares) {
        Value delta = rows.delta().value();
        if (Liveness.isTrained(rows.gather().table())) {
            steps.add(
                    rows.node().vertex(),
                    "+ squared norms of rows of a table's gradient",
                    List.of(delta, rows.tokens(), squares),
                    List.of(squares),
                    Work.through(delta.columns()),
                    b -> b.kernels()
                            .clipping()
                            .addTableNorms(b.array(rows.tokens()), b.matrix(delta), 1, b.array(squares), delta.rows()));
        }
        if (Liveness.isTrained(rows.gather().bias())) {
            addSumNorms(rows.node(), delta, squares);
        }
    }

    private void writeClipped(Pending rows, Value weights) {
        Value delta = scaled(rows.node(), rows.delta(), weights);
        if (rows instanceof Pending.OfProduct product) {
            Optional<Value> outer = product.rows().outer().map(q -> scaled(rows.node(), new Flow(q, true), weights));
            write(product.rows(), delta, outer, false);
        } else if (rows instanceof Pending.OfTable table) {
            writeTable(table, delta);
        } else if (rows instanceof Pending.OfSums sums) {
            columnSums(sums.node(), delta, sums.vector());
        }
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
