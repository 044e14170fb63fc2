/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Operation.AveragePool;
import org.amend4j.internal.network.Operation.Upsample;
import org.amend4j.internal.network.Shape;

/** An image made of another by one kernel, and its gradient, which depends on the result's gradient alone, by another. */
final class ImageSteps<O extends Operation> implements OperationSteps<O> {

    /** What is done, for people. */
    private interface Words<O> {
        String of(O operation, Shape from, Shape to);
    }

    /** A kernel. */
    private interface Call<O> {
        void compute(Kernels kernels, O operation, ImageView from, ImageView to);
    }

    /** One direction. */
    private record Way<O>(Words<O> words, Call<O> call) {}

    private final GraphCompiler passes;
    private final Way<O> forward;
    private final Way<O> backward;

    private ImageSteps(GraphCompiler passes, Way<O> forward, Way<O> backward) {
        this.passes = passes;
        this.forward = forward;
        this.backward = backward;
    }

    /** Averages of windows, and zero padding. */
    static ImageSteps<AveragePool> averages(GraphCompiler passes) {
        return new ImageSteps<>(
                passes,
                new Way<>(
                        (pool, from, to) -> "average " + (pool.countPadding() ? "(padding counted) " : "")
                                + "of windows of " + from,
                        (kernels, pool, from, to) ->
                                kernels.pooling().average(from, pool.window(), pool.countPadding(), to)),
                new Way<>(
                        (pool, from, to) -> "gradients of averages to " + to,
                        (kernels, pool, from, to) ->
                                kernels.pooling().averageGradient(from, pool.window(), pool.countPadding(), to)));
    }

    /** Pixels repeated in blocks. */
    static ImageSteps<Upsample> upsampling(GraphCompiler passes) {
        return new ImageSteps<>(
                passes,
                new Way<>(
                        (upsample, from, to) -> "upsample " + from + " to " + to,
                        (kernels, upsample, from, to) ->
                                kernels.resampling().upsample(from, upsample.factorY(), upsample.factorX(), to)),
                new Way<>(
                        (upsample, from, to) -> "sums of gradients of blocks to " + to,
                        (kernels, upsample, from, to) -> kernels.resampling()
                                .upsampleGradient(from, upsample.factorY(), upsample.factorX(), to)));
    }

    @Override
    public Value forward(int node, O operation) {
        Value out = passes.fresh(node);
        add(node, operation, forward, passes.input(node, 0), passes.inputShape(node, 0), out, passes.shape(node));
        return out;
    }

    @Override
    public void backward(int node, O operation, GradientFlow flow) {
        Value to = passes.freshGradient(node, 0);
        add(node, operation, backward, flow.value(), passes.shape(node), to, passes.inputShape(node, 0));
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private void add(int node, O operation, Way<O> way, Value in, Shape from, Value out, Shape to) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        way.words().of(operation, from, to),
                        List.of(in),
                        List.of(out),
                        Work.through(from.size() + (double) to.size()),
                        b -> way.call().compute(b.kernels(), operation, b.images(in, from), b.images(out, to)));
    }
}
