/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.internal.network.Operation.Affine;
import org.amend4j.internal.network.Operation.AveragePool;
import org.amend4j.internal.network.Operation.Depthwise;
import org.amend4j.internal.network.Operation.Elementwise;
import org.amend4j.internal.network.Operation.Patches;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Values.Constant;

/**
 * Takes frozen batch norms into the frozen convolutions before them, activations into the products and depthwise convolutions
 * before them, and zero padding into the convolutions behind it: fewer passes over the same numbers. Folded weights are rounded once more, so results differ by rounding.
 */
final class Folding {

    private final List<Node> nodes;
    private final int[] readers;
    private final int[] moved;
    private final List<Node> kept = new ArrayList<>();

    private Folding(Network network) {
        this.nodes = network.nodes();
        this.readers = new int[nodes.size()];
        this.moved = new int[nodes.size()];
        nodes.forEach(node -> node.inputs().forEach(input -> readers[input]++));
        network.outputs().forEach(output -> readers[output]++);
    }

    /** The same function with fewer nodes. */
    static Network fold(Network network) {
        Folding folding = new Folding(network);
        folding.run();
        List<Integer> outputs =
                network.outputs().stream().map(output -> folding.moved[output]).toList();
        return new Network(folding.kept, network.parameters(), network.inputs(), outputs);
    }

    private void run() {
        for (int k = 0; k < nodes.size(); k++) {
            Node node = nodes.get(k);
            List<Integer> inputs =
                    node.inputs().stream().map(input -> moved[input]).toList();
            Optional<Operation> folded =
                    node.inputs().size() == 1 && readers[node.inputs().get(0)] == 1
                            ? fold(kept.get(inputs.get(0)).operation(), node.operation())
                            : Optional.empty();
            if (folded.isPresent()) {
                Node before = kept.get(inputs.get(0));
                String vertex = before.operation() instanceof AveragePool ? node.vertex() : before.vertex();
                kept.set(inputs.get(0), new Node(vertex, folded.get(), before.inputs(), node.shape()));
                moved[k] = inputs.get(0);
            } else {
                kept.add(new Node(node.vertex(), node.operation(), inputs, node.shape()));
                moved[k] = kept.size() - 1;
            }
        }
    }

    private static Optional<Operation> fold(Operation before, Operation after) {
        if (before instanceof Product product && product.activation().kind() == Activation.Kind.IDENTITY) {
            if (after instanceof Elementwise next) {
                return Optional.of(new Product(
                        product.weight(), product.bias(), product.patches(), product.adapter(), next.activation()));
            }
            return after instanceof Affine affine ? fold(product, affine) : Optional.empty();
        }
        if (before instanceof Depthwise depthwise && depthwise.activation().kind() == Activation.Kind.IDENTITY) {
            if (after instanceof Elementwise next) {
                return Optional.of(
                        new Depthwise(depthwise.weight(), depthwise.bias(), depthwise.window(), next.activation()));
            }
            return after instanceof Affine affine ? Optional.of(fold(depthwise, affine)) : Optional.empty();
        }
        return before instanceof AveragePool pool && isPadding(pool) ? padded(pool.window(), after) : Optional.empty();
    }

    private static Optional<Operation> fold(Product product, Affine affine) {
        boolean frozen = product.adapter().isEmpty()
                && product.weight() instanceof Constant
                && product.bias().filter(bias -> !(bias instanceof Constant)).isEmpty();
        if (!frozen) {
            return Optional.empty();
        }
        Constant weight = (Constant) product.weight();
        int columns = Math.toIntExact(weight.length() / affine.factor().length());
        return Optional.of(new Product(
                scaled(weight, affine.factor(), columns),
                Optional.of(shifted(product.bias().map(Constant.class::cast), affine)),
                product.patches(),
                product.adapter(),
                product.activation()));
    }

    private static Depthwise fold(Depthwise depthwise, Affine affine) {
        return new Depthwise(
                scaled(depthwise.weight(), affine.factor(), 1),
                Optional.of(shifted(depthwise.bias(), affine)),
                depthwise.window(),
                depthwise.activation());
    }

    private static boolean isPadding(AveragePool pool) {
        Window window = pool.window();
        return pool.countPadding()
                && window.y().kernel() == 1
                && window.x().kernel() == 1
                && window.y().step() == 1
                && window.x().step() == 1;
    }

    /** Zeros around an image are what a convolution sees there anyway. */
    private static Optional<Operation> padded(Window padding, Operation after) {
        if (after instanceof Depthwise next) {
            return Optional.of(
                    new Depthwise(next.weight(), next.bias(), moved(next.window(), padding), next.activation()));
        }
        return after instanceof Product next && next.patches().isPresent()
                ? Optional.of(new Product(
                        next.weight(),
                        next.bias(),
                        next.patches().map(under -> new Patches(moved(under.window(), padding), under.order())),
                        next.adapter(),
                        next.activation()))
                : Optional.empty();
    }

    private static Window moved(Window window, Window padding) {
        return new Window(
                window.y().padded(padding.y().pad()),
                window.x().padded(padding.x().pad()));
    }

    /** Each factor times its channel's weights, of which {@code run} lie next to one another. */
    private static Constant scaled(Constant weight, Constant factor, int run) {
        Supplier<double[]> exact = () -> {
            double[] values = weight.exact().get();
            double[] factors = factor.exact().get();
            for (int k = 0; k < values.length; k++) {
                values[k] *= factors[k / run % factors.length];
            }
            return values;
        };
        return Constant.computed(weight.owner() + " with batch norm", weight.length(), exact);
    }

    private static Constant shifted(Optional<Constant> bias, Affine affine) {
        Supplier<double[]> exact = () -> {
            double[] shift = affine.shift().exact().get();
            if (bias.isPresent()) {
                double[] values = bias.get().exact().get();
                double[] factors = affine.factor().exact().get();
                for (int k = 0; k < shift.length; k++) {
                    shift[k] += factors[k] * values[k];
                }
            }
            return shift;
        };
        return Constant.computed(
                affine.shift().owner() + " with bias", affine.shift().length(), exact);
    }
}
