/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.compiler.Products.Matrix;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Shape;

/**
 * Dense layers and convolutions, adapted or not. With P = x̃A and Q = dBᵀ: y = act(xW + s·P·B + b), dx = d·Wᵀ + drop(s·Q·Aᵀ).
 * Patches under a convolution's window are recomputed when they are needed again.
 */
final class ProductSteps implements OperationSteps<Product> {

    /** Up to this rank an adapter's second product may ride in the epilogue; above, it is a product of its own. */
    private static final int MOST_FUSED_RANK = 64;

    private final GraphCompiler passes;
    private final Products products;
    private final Patches patches;
    private final AdapterInput adapterInput;
    private final Activations activations;
    private final JointProducts jointProducts;
    private final Map<Integer, Value> projections = new HashMap<>();
    /** What joint products read, with what their adapters are multiplied with beside it. */
    private final Map<Integer, Value> jointRows = new HashMap<>();

    ProductSteps(GraphCompiler passes) {
        this.passes = passes;
        this.products = new Products(passes.steps());
        this.patches = new Patches(passes.steps());
        this.adapterInput = new AdapterInput(passes.steps());
        this.activations = new Activations(passes);
        this.jointProducts = new JointProducts(passes.steps(), products, passes.lowRank());
    }

    @Override
    public Value forward(int node, Product product) {
        String vertex = passes.vertex(node);
        Value rows = rows(node, product);
        Optional<JointWeight> joint = joint(node, rows);
        if (joint.isPresent()) {
            int room = joint.get().room();
            return forward(
                    node,
                    product,
                    joint.get(),
                    passes.hasNarrowRows() ? passes.steps().narrowWithRoom(vertex, rows, room) : rows);
        }
        product.adapter()
                .ifPresent(adapter ->
                        projections.put(node, project(vertex, adapter, adapterRows(node, product, adapter, rows))));
        Value z = passes.fresh(node);
        Matrix weight = new Matrix("W", product.weight(), true);
        if (product.adapter().isEmpty()) {
            Optional<PlannedEpilogue> ending = activations.ending(node, z, product.bias(), product.activation());
            products.multiply(vertex, rows, weight, z, false, ending);
            return finish(node, product, z, ending);
        }
        Optional<PlannedEpilogue> ending = activations.rectifying(node, z, product.bias(), product.activation());
        if (ending.isPresent()) {
            LowRank adapter = product.adapter().get();
            products.multiply(vertex, projection(node), new Matrix("B", adapter.b(), true), z, adapter.scale());
            products.multiply(vertex, rows, weight, z, true, ending);
            return finish(node, product, z, ending);
        }
        products.multiply(vertex, rows, weight, z);
        if (fuses(product.adapter().get())) {
            return fusedEpilogue(node, product, z);
        }
        LowRank adapter = product.adapter().get();
        products.addProduct(vertex, projection(node), new Matrix("B", adapter.b(), true), z, adapter.scale());
        return activations.apply(node, z, product.bias(), product.activation());
    }

    /** The node's weight with its adapter, if rows have room for what that is multiplied with, or are copied to where there is. */
    private Optional<JointWeight> joint(int node, Value rows) {
        return passes.joint(node).filter(weight -> passes.hasNarrowRows() || JointProducts.suits(weight, rows));
    }

    private Value forward(int node, Product product, JointWeight weight, Value x) {
        jointRows.put(node, x);
        Value z = passes.fresh(node);
        Optional<PlannedEpilogue> ending = activations.ending(node, z, product.bias(), product.activation());
        projections.put(node, jointProducts.low(passes.vertex(node), weight, x));
        jointProducts.forward(passes.vertex(node), weight, x, z, ending);
        return finish(node, product, z, ending);
    }

    private Value finish(int node, Product product, Value z, Optional<PlannedEpilogue> ending) {
        if (ending.isEmpty()) {
            return activations.apply(node, z, product.bias(), product.activation());
        }
        activations.note(node, z);
        return z;
    }

    /** The epilogue's own product mixes rows in its last bits. */
    private boolean fuses(LowRank adapter) {
        return adapter.rank() <= MOST_FUSED_RANK && !passes.steps().rowsAreAlone();
    }

    /** The rows a product works on: the input's pixels or the patches under its window. */
    private Value rows(int node, Product product) {
        return patches.of(passes.node(node), product.patches(), passes.input(node, 0), passes.inputShape(node, 0));
    }

    private Value adapterRows(int node, Product product, LowRank adapter, Value rows) {
        return adapterInput.rows(
                passes.node(node), product, adapter, passes.input(node, 0), passes.inputShape(node, 0), rows);
    }

    private Value project(String vertex, LowRank adapter, Value rows) {
        Value low = passes.steps().per(rows.per(), vertex + " xA", rows.rows(), adapter.rank());
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
    public void backward(int node, Product product, GradientFlow flow) {
        GradientFlow whole = activations.differentiate(node, product.activation(), flow, passes.biasOfDelta(node));
        Value delta = roomy(node, whole.value());
        Optional<Value> outer = product.adapter().map(adapter -> outer(node, adapter, delta));
        if (passes.isInputLive(node, 0)) {
            sendBack(node, product, delta, outer);
        }
        if (Liveness.trains(passes.node(node))) {
            passes.parameters()
                    .add(new TrainedRows.OfProduct(
                            passes.node(node),
                            product,
                            passes.inputShape(node, 0),
                            jointRows.getOrDefault(node, passes.input(node, 0)),
                            Optional.ofNullable(projections.get(node)),
                            outer,
                            whole,
                            passes.biasOfDelta(node).isPresent(),
                            isJointBack(node, delta) && JointProducts.makesUpGradient(delta),
                            isJoint(node)));
        }
    }

    /** Whether what a node's adapter is multiplied with lies beside the node's rows, and has s in it. */
    private boolean isJoint(int node) {
        return jointRows.containsKey(node);
    }

    /** Derivatives where joint products take them; a bias's gradient is the sums of what they were before they were rounded. */
    private Value roomy(int node, Value delta) {
        return isJoint(node) && passes.hasNarrowRows()
                ? passes.steps()
                        .narrowWithRoom(
                                passes.vertex(node),
                                delta,
                                passes.joint(node).orElseThrow().room())
                : delta;
    }

    /** Q = d·Bᵀ of an adapter; times s if they are {@linkplain #isJoint joint}. */
    private Value outer(int node, LowRank adapter, Value delta) {
        String vertex = passes.vertex(node);
        if (isJointBack(node, delta)) {
            return jointProducts.outer(vertex, passes.joint(node).orElseThrow(), delta, projection(node));
        }
        Value outer = passes.steps().per(delta.per(), vertex + " dB'", delta.rows(), adapter.rank());
        products.multiply(
                vertex, delta, new Matrix("B'", adapter.b(), false), outer, isJoint(node) ? adapter.scale() : 1);
        return outer;
    }

    /** Whether Q lies beside the derivative. */
    private boolean isJointBack(int node, Value delta) {
        return isJoint(node) && JointProducts.suits(passes.joint(node).orElseThrow(), delta);
    }

    private void sendBack(int node, Product product, Value delta, Optional<Value> outer) {
        Value to = product.patches().isEmpty()
                ? sendRowsBack(node, product, delta, outer)
                : sendPatchesBack(node, product, product.patches().get(), delta, outer);
        product.adapter()
                .filter(LowRank::drops)
                .ifPresent(adapter -> adapterInput.addBack(
                        passes.node(node), adapter, throughAdapter(node, product, adapter, outer.orElseThrow()), to));
    }

    /** @return where the gradient is */
    private Value sendRowsBack(int node, Product product, Value delta, Optional<Value> outer) {
        Optional<Value> there = passes.toAddTo(node, 0);
        Value to = there.orElseGet(() -> passes.freshGradientOfProduct(node, 0));
        Optional<PlannedEpilogue> ending =
                there.isPresent() ? Optional.empty() : activations.gradientEnding(passes.inputNode(node, 0));
        if (isJointBack(node, delta)) {
            JointWeight weight = passes.joint(node).orElseThrow();
            jointProducts.backward(passes.vertex(node), weight, delta, to, there.isPresent(), ending);
            if (there.isEmpty()) {
                passes.send(node, 0, ending.isPresent() ? GradientFlow.differentiated(to) : new GradientFlow(to, true));
            }
        } else if (ending.isPresent()) {
            multiplyBack(node, product, delta, outer, to, ending);
            passes.send(node, 0, GradientFlow.differentiated(to));
        } else {
            Optional<GradientFlow.ThroughAdapter> later = product.adapter()
                    .filter(adapter -> addsLater(node, adapter))
                    .map(adapter -> new GradientFlow.ThroughAdapter(outer.orElseThrow(), adapter));
            multiplyBack(node, product, delta, later.isPresent() ? Optional.empty() : outer, to, there.isPresent());
            if (there.isEmpty()) {
                passes.send(node, 0, new GradientFlow(to, true, later, false));
            }
        }
        return to;
    }

    /** to = d·Wᵀ + s·Q·Aᵀ, and then what ends it: the large product comes last. */
    private void multiplyBack(
            int node, Product product, Value delta, Optional<Value> outer, Value to, Optional<PlannedEpilogue> ending) {
        String vertex = passes.vertex(node);
        product.adapter()
                .ifPresent(adapter -> products.multiply(
                        vertex, outer.orElseThrow(), new Matrix("A'", adapter.a(), false), to, scale(node, adapter)));
        products.multiply(
                vertex,
                delta,
                new Matrix("W'", product.weight(), false),
                to,
                product.adapter().isPresent(),
                ending);
    }

    /** Whether the gradient of the activation below adds s·Q·Aᵀ. */
    private boolean addsLater(int node, LowRank adapter) {
        return fuses(adapter) && !isJoint(node) && !adapter.drops() && passes.endsInActivation(node, 0);
    }

    /** What Q·Aᵀ is still to be multiplied with. */
    private double scale(int node, LowRank adapter) {
        return isJoint(node) ? 1 : adapter.scale();
    }

    /** @return where the gradient is */
    private Value sendPatchesBack(
            int node, Product product, Operation.Patches under, Value delta, Optional<Value> outer) {
        Shape from = passes.inputShape(node, 0);
        Value ofPatches = patches.gradientPlace(passes.node(node), under.window(), from);
        multiplyBack(node, product, delta, outer, ofPatches, false);
        Value to = passes.freshGradient(node, 0);
        patches.sum(passes.vertex(node), ofPatches, under, from, to);
        passes.send(node, 0, new GradientFlow(to, true));
        return to;
    }

    /** s·Q·Aᵀ, as a gradient of what the adapter reads. */
    private Value throughAdapter(int node, Product product, LowRank adapter, Value outer) {
        String vertex = passes.vertex(node);
        Shape from = passes.inputShape(node, 0);
        Value through = passes.freshGradient(node, 0);
        Value rows = product.patches()
                .map(under -> patches.gradientPlace(passes.node(node), under.window(), from))
                .orElse(through);
        products.multiply(vertex, outer, new Matrix("A'", adapter.a(), false), rows, adapter.scale());
        product.patches().ifPresent(under -> patches.sum(vertex, rows, under, from, through));
        return through;
    }

    /** to (+)= d·Wᵀ + s·Q·Aᵀ; without the second where there is no Q, or it is dropped in part. */
    private void multiplyBack(int node, Product product, Value delta, Optional<Value> outer, Value to, boolean add) {
        String vertex = passes.vertex(node);
        Matrix weight = new Matrix("W'", product.weight(), false);
        if (add) {
            products.addProduct(vertex, delta, weight, to, 1);
        } else {
            products.multiply(vertex, delta, weight, to);
        }
        product.adapter()
                .filter(adapter -> outer.isPresent() && !adapter.drops())
                .ifPresent(adapter -> products.addProduct(
                        vertex, outer.orElseThrow(), new Matrix("A'", adapter.a(), false), to, scale(node, adapter)));
    }
}
