/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.ColumnNormKernels;
import org.amend4j.internal.network.ColumnNorms;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Operation.Magnitude;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * DoRA's magnitudes: with k = m/c, y = z∘k + b, and back dm = Σ_rows (d∘z)/c and d∘k for the product below. For the true gradient,
 * what c adds to those of A and B is taken out of them when they are there: with w = k∘dm/c, dA −= s·W(B∘w)ᵀ + s²·A((B∘w)Bᵀ) and
 * dB −= s·(AᵀW)∘w + s²·(AᵀA)(B∘w).
 */
final class MagnitudeSteps implements OperationSteps<Magnitude> {

    private final GraphCompiler passes;
    private final Map<Integer, Columns> columns = new HashMap<>();

    /**
     * What is found about the columns in the forward pass.
     *
     * @param b B, [rank, columns]
     * @param low AᵀW, [rank, columns]
     * @param gram AᵀA, [rank, rank]
     * @param scales k, [1, columns]
     * @param reciprocals 1/c, [1, columns]
     */
    private record Columns(Value b, Value low, Value gram, Value scales, Value reciprocals) {}

    MagnitudeSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Magnitude magnitude) {
        Columns found = columns(node, magnitude);
        columns.put(node, found);
        Value z = passes.input(node, 0);
        Value y = passes.isLive(node) ? passes.fresh(node) : passes.elementwisePlace(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "times m/c" + (magnitude.bias().isPresent() ? ", + bias" : ""),
                        List.of(z, found.scales()),
                        List.of(y),
                        through(node, 2),
                        b -> b.kernels()
                                .batchNorm()
                                .apply(
                                        b.array(z),
                                        b.array(found.scales()),
                                        magnitude.bias().map(b::parameter),
                                        b.array(y),
                                        1));
        return y;
    }

    private Columns columns(int node, Magnitude magnitude) {
        ColumnNorms norms = magnitude.norms();
        LowRank adapter = norms.adapter();
        int outputs = Math.toIntExact(adapter.outputs());
        int rank = adapter.rank();
        PlanSteps steps = passes.steps();
        String vertex = passes.vertex(node);
        Columns found = new Columns(
                passes.transposed(node, adapter.b(), outputs, rank),
                steps.fixed(vertex + " A'W", rank, outputs),
                steps.fixed(vertex + " A'A", rank, rank),
                steps.fixed(vertex + " m/c", 1, outputs),
                steps.fixed(vertex + " 1/c", 1, outputs));
        multiplyWithWeight(vertex, norms, Optional.empty(), found.low(), true);
        steps.add(
                vertex,
                "product A' x A " + Products.shape(rank, rank),
                List.of(),
                List.of(found.gram()),
                new Work(0, 0, (double) rank * adapter.inputs()),
                b -> b.multiply(
                        b.parameter(adapter.a()),
                        false,
                        b.parameter(adapter.a()),
                        true,
                        b.array(found.gram()),
                        rank,
                        rank,
                        Math.toIntExact(adapter.inputs()),
                        1,
                        0));
        steps.add(
                vertex,
                "norms of the columns of W + s·A·B",
                List.of(found.b(), found.low(), found.gram()),
                List.of(found.scales(), found.reciprocals()),
                new Work(0, 0, (2.0 * rank + 4) * outputs),
                b -> b.kernels()
                        .columnNorms()
                        .scales(
                                parts(b, norms, found),
                                b.parameter(magnitude.magnitude()),
                                b.array(found.scales()),
                                b.array(found.reciprocals())));
        return found;
    }

    private static ColumnNormKernels.Parts parts(Bindings b, ColumnNorms norms, Columns found) {
        return new ColumnNormKernels.Parts(
                b.parameter(norms.weight()),
                b.parameter(norms.adapter().a()),
                b.array(found.b()),
                b.array(found.low()),
                b.array(found.gram()),
                b.parameter(norms.squares()),
                norms.adapter().scale());
    }

    /**
     * As many rows as the rank times the weight, which is a matrix of a plan already.
     *
     * @param rows empty for Aᵀ
     * @param forward whether rows of inputs become rows of outputs
     */
    private void multiplyWithWeight(String vertex, ColumnNorms norms, Optional<Value> rows, Value to, boolean forward) {
        LowRank adapter = norms.adapter();
        int inputs = Math.toIntExact(adapter.inputs());
        int outputs = Math.toIntExact(adapter.outputs());
        ConstantMatrix.Use use = new ConstantMatrix.Use(norms.weight(), forward);
        passes.steps()
                .multipliesWith(new ConstantMatrix(
                        use, forward ? inputs : outputs, forward ? outputs : inputs, RowUnit.EXAMPLE, adapter.rank()));
        passes.steps()
                .add(
                        vertex,
                        "product " + rows.map(Products::shape).orElse("A'") + " x W" + (forward ? "" : "'"),
                        rows.map(List::of).orElse(List.of()),
                        List.of(to),
                        new Work(0, 0, (double) inputs * outputs),
                        b -> b.factor(use)
                                .multiply(
                                        rows.map(b::array).orElseGet(() -> b.parameter(adapter.a())),
                                        b.array(to),
                                        adapter.rank(),
                                        1,
                                        0));
    }

    private Work through(int node, int times) {
        return Work.through((double) times * passes.shape(node).size());
    }

    @Override
    public void backward(int node, Magnitude magnitude, GradientFlow flow) {
        if (passes.parameters().areDeferred()) {
            throw new UnsupportedNetworkException(
                    "vertex '" + passes.vertex(node)
                            + "' has DoRA's magnitudes, whose gradients of single examples are not made: they cannot be clipped by a plan");
        }
        Columns found = Objects.requireNonNull(columns.get(node));
        magnitude.bias().filter(Slice.class::isInstance).ifPresent(bias -> {
            sumRows(node, (Slice) bias, flow.value());
        });
        trainMagnitude(node, magnitude, flow.value(), found);
        if (magnitude.trueGradient()) {
            passes.atTheEnd(() -> takeOut(node, magnitude, found));
        }
        Value to = passes.place(node, flow);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient times m/c",
                        List.of(flow.value(), found.scales()),
                        List.of(to),
                        through(node, 2),
                        b -> b.kernels()
                                .batchNorm()
                                .apply(
                                        b.array(flow.value()),
                                        b.array(found.scales()),
                                        Optional.empty(),
                                        b.array(to),
                                        1));
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private void sumRows(int node, Slice vector, Value rows) {
        passes.parameters().add(new TrainedRows.OfSums(passes.node(node), vector, new GradientFlow(rows, false)));
    }

    /** The product below has no use for its result in its backward pass: what is summed up takes its place. */
    private void trainMagnitude(int node, Magnitude magnitude, Value delta, Columns found) {
        Value z = passes.input(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient times the direction's result",
                        List.of(delta, z),
                        List.of(z),
                        through(node, 3),
                        b -> b.kernels().elementwise().product(b.array(delta), b.array(z), b.array(z)));
        sumRows(node, magnitude.magnitude(), z);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of m: its sums over c",
                        List.of(found.reciprocals()),
                        List.of(),
                        new Work(0, 0, 3.0 * z.columns()),
                        b -> b.kernels()
                                .elementwise()
                                .product(
                                        b.gradient(magnitude.magnitude()),
                                        b.array(found.reciprocals()),
                                        b.gradient(magnitude.magnitude())));
    }

    /** Takes what A and B would have along their columns, if c were a constant, out of their gradients. */
    private void takeOut(int node, Magnitude magnitude, Columns found) {
        LowRank adapter = magnitude.norms().adapter();
        PlanSteps steps = passes.steps();
        String vertex = passes.vertex(node);
        int outputs = found.b().columns();
        int inputs = Math.toIntExact(adapter.inputs());
        int rank = adapter.rank();
        Value along = steps.fixed(vertex + " -s·m/c·dm/c", 1, outputs);
        Value weighted = steps.fixed(vertex + " B along its columns", rank, outputs);
        Value ofB = steps.fixed(vertex + " share of B's gradient", rank, outputs);
        Value turned = steps.fixed(vertex + " share of B's gradient, transposed", outputs, rank);
        Value square = steps.fixed(vertex + " square", rank, rank);
        Value ofA = steps.fixed(vertex + " share of A's gradient", rank, inputs);
        steps.add(
                vertex,
                "w = -s·m/c·dm/c, B∘w",
                List.of(found.scales(), found.reciprocals(), found.b(), found.low()),
                List.of(along, weighted, ofB),
                new Work(0, 0, (4.0 * rank + 6) * outputs),
                b -> {
                    b.kernels()
                            .elementwise()
                            .product(b.array(found.scales()), b.gradient(magnitude.magnitude()), b.array(along));
                    b.kernels().elementwise().product(b.array(along), b.array(found.reciprocals()), b.array(along));
                    b.kernels().elementwise().scale(b.array(along), -adapter.scale(), b.array(along));
                    b.kernels()
                            .batchNorm()
                            .apply(b.array(found.b()), b.array(along), Optional.empty(), b.array(weighted), 1);
                    b.kernels()
                            .batchNorm()
                            .apply(b.array(found.low()), b.array(along), Optional.empty(), b.array(ofB), 1);
                });
        multiplyWithWeight(vertex, magnitude.norms(), Optional.of(weighted), ofA, false);
        steps.add(
                vertex,
                "what c takes out of the gradients of A and B",
                List.of(weighted, found.b(), found.gram(), ofA, ofB),
                List.of(square, ofA, ofB, turned),
                new Work(0, 0, 3.0 * rank * (inputs + 2.0 * outputs)),
                b -> {
                    b.multiply(
                            b.array(weighted),
                            false,
                            b.array(found.b()),
                            true,
                            b.array(square),
                            rank,
                            rank,
                            outputs,
                            1,
                            0);
                    b.multiply(
                            b.array(square),
                            false,
                            b.parameter(adapter.a()),
                            false,
                            b.array(ofA),
                            rank,
                            inputs,
                            rank,
                            adapter.scale(),
                            1);
                    b.multiply(
                            b.array(found.gram()),
                            false,
                            b.array(weighted),
                            false,
                            b.array(ofB),
                            rank,
                            outputs,
                            rank,
                            adapter.scale(),
                            1);
                    b.kernels().elementwise().transpose(b.array(ofB), b.array(turned), 1, rank, outputs);
                    add(b, ofA, adapter.a());
                    add(b, turned, adapter.b());
                });
    }

    private static void add(Bindings b, Value share, Slice gradient) {
        b.kernels().elementwise().scaledSum(b.gradient(gradient), 1, b.array(share), 1, b.gradient(gradient));
    }
}
