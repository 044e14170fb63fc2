/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.network.Operation.Merge;

/** Channels side by side. */
final class MergeSteps implements OperationSteps<Merge> {

    private final GraphCompiler passes;

    MergeSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Merge operation) {
        List<Value> parts = IntStream.range(0, passes.inputs(node))
                .mapToObj(which -> passes.input(node, which))
                .toList();
        Value out = passes.fresh(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "merge channels to " + passes.shape(node),
                        parts,
                        List.of(out),
                        work(node),
                        b -> b.kernels()
                                .elementwise()
                                .merge(parts.stream().map(b::matrix).toList(), b.matrix(out)));
        return out;
    }

    private Work work(int node) {
        return Work.through(2.0 * passes.shape(node).size());
    }

    @Override
    public void backward(int node, Merge operation, GradientFlow flow) {
        Value delta = flow.value();
        List<Value> parts = IntStream.range(0, passes.inputs(node))
                .mapToObj(which -> passes.freshGradient(node, which))
                .toList();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "split gradients of channels of " + passes.shape(node),
                        List.of(delta),
                        parts,
                        work(node),
                        b -> b.kernels()
                                .elementwise()
                                .split(
                                        b.matrix(delta),
                                        parts.stream().map(b::matrix).toList()));
        for (int which = 0; which < parts.size(); which++) {
            passes.send(node, which, new GradientFlow(parts.get(which), true));
        }
    }
}
