/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.List;
import org.amend4j.network.Operation.AveragePool;
import org.amend4j.network.Shape;

/** Averages of windows, and zero padding. */
final class AveragePoolSteps implements OperationSteps<AveragePool> {

    private final Passes passes;

    AveragePoolSteps(Passes passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, AveragePool pool) {
        Value in = passes.input(node, 0);
        Value out = passes.fresh(node);
        Shape from = passes.inputShape(node, 0);
        Shape to = passes.shape(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        (pool.countPadding() ? "average (padding counted) of windows of " : "average of windows of ")
                                + from,
                        List.of(in),
                        List.of(out),
                        Work.through(from.size() + (double) to.size()),
                        b -> b.kernels()
                                .pooling()
                                .average(b.images(in, from), pool.window(), pool.countPadding(), b.images(out, to)));
        return out;
    }

    @Override
    public void backward(int node, AveragePool pool, Flow flow) {
        Value delta = flow.value();
        Shape from = passes.inputShape(node, 0);
        Shape shape = passes.shape(node);
        Value to = passes.freshGradient(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradients of averages to " + from,
                        List.of(delta),
                        List.of(to),
                        Work.through(from.size() + (double) shape.size()),
                        b -> b.kernels()
                                .pooling()
                                .averageGradient(
                                        b.images(delta, shape),
                                        pool.window(),
                                        pool.countPadding(),
                                        b.images(to, from)));
        passes.send(node, 0, new Flow(to, true));
    }
}
