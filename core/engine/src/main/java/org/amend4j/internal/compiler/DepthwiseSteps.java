/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.Operation.Depthwise;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Window;

/** Frozen depthwise convolutions. */
final class DepthwiseSteps implements OperationSteps<Depthwise> {

    private final GraphCompiler passes;
    private final Activations activations;

    DepthwiseSteps(GraphCompiler passes) {
        this.passes = passes;
        this.activations = new Activations(passes);
    }

    @Override
    public Value forward(int node, Depthwise depthwise) {
        Value in = passes.input(node, 0);
        Value out = passes.fresh(node);
        Shape from = passes.inputShape(node, 0);
        Shape to = passes.shape(node);
        Window window = depthwise.window();
        boolean separate = activations.keepsPre(node, depthwise.activation());
        Activation activation = separate ? Activation.IDENTITY : depthwise.activation();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "depthwise " + window.y().kernel() + " x " + window.x().kernel() + " of " + from + ", "
                                + Activations.name(activation),
                        List.of(in),
                        List.of(out),
                        work(window, from, to),
                        b -> b.kernels()
                                .convolution()
                                .depthwise(
                                        b.images(in, from),
                                        b.parameter(depthwise.weight()),
                                        depthwise.bias().map(b::parameter),
                                        window,
                                        b.images(out, to),
                                        activation));
        if (separate) {
            return activations.apply(node, out, Optional.empty(), depthwise.activation());
        }
        activations.note(node, out);
        return out;
    }

    private static Work work(Window window, Shape from, Shape to) {
        double taps = (double) window.taps();
        return new Work(2 * taps * to.size(), from.size() + (double) to.size(), 0);
    }

    @Override
    public void backward(int node, Depthwise depthwise, GradientFlow flow) {
        Value delta =
                activations.differentiate(node, depthwise.activation(), flow).value();
        Shape from = passes.inputShape(node, 0);
        Shape shape = passes.shape(node);
        Window window = depthwise.window();
        Value to = passes.freshGradient(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of depthwise to " + from,
                        List.of(delta),
                        List.of(to),
                        work(window, from, shape),
                        b -> b.kernels()
                                .convolution()
                                .depthwiseGradient(
                                        b.images(delta, shape),
                                        b.parameter(depthwise.weight()),
                                        window,
                                        b.images(to, from)));
        passes.send(node, 0, new GradientFlow(to, true));
    }
}
