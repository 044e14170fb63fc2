/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.network.Operation.MaxPool;
import org.amend4j.internal.network.Shape;

/** Maxima of windows; where they were is kept for the backward pass. */
final class MaxPoolSteps implements OperationSteps<MaxPool> {

    private final GraphCompiler passes;
    private final Map<Integer, Value> places = new HashMap<>();

    MaxPoolSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, MaxPool pool) {
        Value in = passes.input(node, 0);
        Value out = passes.fresh(node);
        Value where = passes.steps().integers(passes.vertex(node) + " places", out.rows(), out.columns());
        places.put(node, where);
        Shape from = passes.inputShape(node, 0);
        Shape to = passes.shape(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "maximum of windows of " + from,
                        List.of(in),
                        List.of(out, where),
                        Work.through(from.size() + 2.0 * to.size()),
                        b -> b.kernels()
                                .pooling()
                                .max(b.images(in, from), pool.window(), b.images(out, to), b.array(where)));
        return out;
    }

    @Override
    public void backward(int node, MaxPool pool, GradientFlow flow) {
        Value delta = flow.value();
        Value where = Objects.requireNonNull(places.get(node));
        Shape from = passes.inputShape(node, 0);
        Shape shape = passes.shape(node);
        Value to = passes.freshGradient(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradients to the maxima in " + from,
                        List.of(delta, where),
                        List.of(to),
                        Work.through(from.size() + 2.0 * shape.size()),
                        b -> b.kernels()
                                .pooling()
                                .maxGradient(
                                        b.images(delta, shape), b.array(where), pool.window(), b.images(to, from)));
        passes.send(node, 0, new GradientFlow(to, true));
    }
}
