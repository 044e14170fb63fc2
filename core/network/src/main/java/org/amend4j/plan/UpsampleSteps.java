/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.List;
import org.amend4j.network.Operation.Upsample;
import org.amend4j.network.Shape;

/** Pixels repeated in blocks. */
final class UpsampleSteps implements OperationSteps<Upsample> {

    private final Passes passes;

    UpsampleSteps(Passes passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Upsample upsample) {
        Value in = passes.input(node, 0);
        Value out = passes.fresh(node);
        Shape from = passes.inputShape(node, 0);
        Shape to = passes.shape(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "upsample " + from + " to " + to,
                        List.of(in),
                        List.of(out),
                        Work.through(from.size() + (double) to.size()),
                        b -> b.kernels()
                                .resampling()
                                .upsample(
                                        b.images(in, from), upsample.factorY(), upsample.factorX(), b.images(out, to)));
        return out;
    }

    @Override
    public void backward(int node, Upsample upsample, Flow flow) {
        Value delta = flow.value();
        Shape from = passes.inputShape(node, 0);
        Shape shape = passes.shape(node);
        Value to = passes.freshGradient(node, 0);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "sums of gradients of blocks to " + from,
                        List.of(delta),
                        List.of(to),
                        Work.through(from.size() + (double) shape.size()),
                        b -> b.kernels()
                                .resampling()
                                .upsampleGradient(
                                        b.images(delta, shape),
                                        upsample.factorY(),
                                        upsample.factorX(),
                                        b.images(to, from)));
        passes.send(node, 0, new Flow(to, true));
    }
}
