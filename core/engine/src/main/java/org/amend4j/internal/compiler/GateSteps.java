/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.backend.GateKernels;
import org.amend4j.internal.network.Operation.Gate;

/** Gates. */
final class GateSteps implements OperationSteps<Gate> {

    private final GraphCompiler passes;

    GateSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Gate gate) {
        Value opens = passes.input(node, 0);
        Value gated = passes.input(node, 1);
        Value out = passes.isLive(node) ? passes.fresh(node) : passes.elementwisePlace(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gate by " + Activations.name(gate.activation()) + " of " + passes.shape(node),
                        List.of(opens, gated),
                        List.of(out),
                        Work.through(3.0 * passes.shape(node).size()),
                        b -> b.kernels().gate().forward(inputs(b, opens, gated), b.matrix(out), gate.activation()));
        return out;
    }

    private static GateKernels.Inputs inputs(Bindings b, Value opens, Value gated) {
        return new GateKernels.Inputs(b.matrix(opens), b.matrix(gated));
    }

    @Override
    public void backward(int node, Gate gate, GradientFlow flow) {
        Value opens = passes.input(node, 0);
        Value gated = passes.input(node, 1);
        Value delta = flow.value();
        Value toOpens = passes.place(node, flow);
        Value toGated = passes.freshGradient(node, 1);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradients of gate of " + passes.shape(node),
                        List.of(delta, opens, gated),
                        List.of(toOpens, toGated),
                        Work.through(5.0 * passes.shape(node).size()),
                        b -> b.kernels()
                                .gate()
                                .gradient(
                                        b.matrix(delta),
                                        inputs(b, opens, gated),
                                        inputs(b, toOpens, toGated),
                                        gate.activation()));
        passes.send(node, 0, new GradientFlow(toOpens, true));
        passes.send(node, 1, new GradientFlow(toGated, true));
    }
}
