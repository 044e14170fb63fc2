/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.machine.ActivationKernels;
import org.amend4j.network.Activation;
import org.amend4j.network.LowRank;
import org.amend4j.network.Operation;
import org.amend4j.network.Operation.Product;
import org.amend4j.network.Shape;
import org.amend4j.network.Values.Slice;
import org.amend4j.plan.Products.Matrix;

/**
 * Dense layers and convolutions, adapted or not. With P = xA and Q = dBᵀ: y = act(xW + s·P·B + b), dx = d·Wᵀ + s·Q·Aᵀ.
 * Patches under a convolution's window are recomputed when they are needed again.
 */
final class ProductSteps implements OperationSteps<Product> {

    /** Up to this rank an adapter's second product may ride in the epilogue; above, it is a product of its own. */
    private static final int MOST_FUSED_RANK = 64;

    private final Passes passes;
    private final Products products;
    private final Patches patches;
    private final Activations activations;
    private final Map<Integer, Value> projections = new HashMap<>();

    ProductSteps(Passes passes) {
        this.passes = passes;
        this.products = new Products(passes.steps());
        this.patches = new Patches(passes.steps());
        this.activations = new Activations(passes);
    }

    @Override
    public Value forward(int node, Product product) {
        String vertex = passes.vertex(node);
        Value rows = rows(node, product);
        product.adapter().ifPresent(adapter -> projections.put(node, project(vertex, adapter, rows)));
        Value z = passes.fresh(node);
        products.multiply(vertex, rows, new Matrix("W", product.weight(), true), z);
        if (product.adapter().isEmpty()) {
            return activations.apply(node, z, product.bias(), product.activation());
        }
        if (fuses(product.adapter().get())) {
            return fusedEpilogue(node, product, z);
        }
        LowRank adapter = product.adapter().get();
        products.addProduct(vertex, projection(node), new Matrix("B", adapter.b(), true), z, adapter.scale());
        return activations.apply(node, z, product.bias(), product.activation());
    }

    /** The epilogue's own product mixes rows in its last bits. */
    private boolean fuses(LowRank adapter) {
        return adapter.rank() <= MOST_FUSED_RANK && !passes.steps().rowsAreAlone();
    }

    /** The rows a product works on: the input's pixels or the patches under its window. */
    private Value rows(int node, Product product) {
        return patches.of(passes.node(node), product.patches(), passes.input(node, 0), passes.inputShape(node, 0));
    }

    private Value project(String vertex, LowRank adapter, Value rows) {
        Value low = passes.steps().perExample(vertex + " xA", rows.rows(), adapter.rank());
        products.multiply(vertex, rows, new Matrix("A", adapter.a(), true), low);
        return low;
    }

    private Value projection(int node) {
        Value low = projections.get(node);
        if (low == null) {
            throw new AssertionError("node " + node + " has no adapter");
        }
        return low;
    }

    private Value fusedEpilogue(int node, Product product, Value z) {
        LowRank adapter = product.adapter().orElseThrow();
        Value low = projection(node);
        int outputs = z.columns();
        Value up = passes.transposed(node, adapter.b(), outputs, adapter.rank());
        boolean keeps = activations.keepsPre(node, product.activation());
        Value out = keeps ? passes.fresh(node) : z;
        Optional<Value> pre = keeps ? Optional.of(z) : Optional.empty();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "+ s·P·B + bias, " + Activations.name(product.activation()),
                        List.of(z, low, up),
                        pre.map(value -> List.of(value, out)).orElse(List.of(out)),
                        new Work(
                                2.0 * z.rows() * outputs * adapter.rank(),
                                2.0 * z.rows() * outputs + (double) z.rows() * adapter.rank(),
                                (double) outputs * adapter.rank()),
                        b -> b.kernels()
                                .activation()
                                .adapterEpilogue(
                                        b.matrix(z),
                                        new ActivationKernels.LowRank(b.matrix(low), b.matrix(up), adapter.scale()),
                                        product.bias().map(b::parameter),
                                        pre.map(b::matrix),
                                        b.matrix(out),
                                        product.activation()));
        activations.note(node, keeps ? z : out);
        return out;
    }

    @Override
    public void backward(int node, Product product, Flow flow) {
        boolean biasInOnePass = product.activation().kind() != Activation.Kind.IDENTITY
                && !passes.parameters().areDeferred();
        Optional<Slice> bias = product.bias().filter(Slice.class::isInstance).map(Slice.class::cast);
        Flow delta =
                activations.differentiate(node, product.activation(), flow, biasInOnePass ? bias : Optional.empty());
        Optional<Value> outer = product.adapter().map(adapter -> outer(node, adapter, delta.value()));
        if (passes.isInputLive(node, 0)) {
            sendBack(node, product, delta.value(), outer);
        }
        if (Liveness.trains(passes.node(node))) {
            passes.parameters()
                    .add(new TrainedRows.OfProduct(
                            passes.node(node),
                            product,
                            passes.inputShape(node, 0),
                            passes.input(node, 0),
                            Optional.ofNullable(projections.get(node)),
                            outer,
                            delta,
                            biasInOnePass));
        }
    }

    /** Q = d·Bᵀ of an adapter. */
    private Value outer(int node, LowRank adapter, Value delta) {
        Value outer = passes.steps().perExample(passes.vertex(node) + " dB'", delta.rows(), adapter.rank());
        products.multiply(passes.vertex(node), delta, new Matrix("B'", adapter.b(), false), outer);
        return outer;
    }

    private void sendBack(int node, Product product, Value delta, Optional<Value> outer) {
        if (product.patches().isEmpty()) {
            Optional<Value> there = passes.toAddTo(node, 0);
            Value to = there.orElseGet(() -> passes.freshGradient(node, 0));
            multiplyBack(node, product, delta, outer, to, there.isPresent());
            if (there.isEmpty()) {
                passes.send(node, 0, new Flow(to, true));
            }
            return;
        }
        Operation.Patches under = product.patches().get();
        Shape from = passes.inputShape(node, 0);
        Value ofPatches = patches.gradientPlace(passes.node(node), under.window(), from);
        multiplyBack(node, product, delta, outer, ofPatches, false);
        Value to = passes.freshGradient(node, 0);
        patches.sum(passes.vertex(node), ofPatches, under, from, to);
        passes.send(node, 0, new Flow(to, true));
    }

    /** to (+)= d·Wᵀ + s·Q·Aᵀ. */
    private void multiplyBack(int node, Product product, Value delta, Optional<Value> outer, Value to, boolean add) {
        String vertex = passes.vertex(node);
        Matrix weight = new Matrix("W'", product.weight(), false);
        if (add) {
            products.addProduct(vertex, delta, weight, to, 1);
        } else {
            products.multiply(vertex, delta, weight, to);
        }
        outer.ifPresent(q -> {
            LowRank adapter = product.adapter().orElseThrow();
            products.addProduct(vertex, q, new Matrix("A'", adapter.a(), false), to, adapter.scale());
        });
    }
}
