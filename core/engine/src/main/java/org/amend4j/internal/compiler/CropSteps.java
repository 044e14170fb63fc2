/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.network.Operation.Crop;
import org.amend4j.internal.network.Shape;

/** Images without some of their edges; gradients of the edges are zeros. */
final class CropSteps implements OperationSteps<Crop> {

    private final GraphCompiler passes;

    CropSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Crop crop) {
        Value out = passes.fresh(node);
        Shape from = passes.inputShape(node, 0);
        Shape to = passes.shape(node);
        move(node, "crop " + from + " to " + to, passes.input(node, 0), from, crop.top(), crop.left(), out, to);
        return out;
    }

    @Override
    public void backward(int node, Crop crop, GradientFlow flow) {
        Value to = passes.freshGradient(node, 0);
        Shape from = passes.inputShape(node, 0);
        move(
                node,
                "gradients within edges of zeros to " + from,
                flow.value(),
                passes.shape(node),
                -crop.top(),
                -crop.left(),
                to,
                from);
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private void move(int node, String what, Value in, Shape from, int top, int left, Value out, Shape to) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        what,
                        List.of(in),
                        List.of(out),
                        Work.through((double) from.size() + to.size()),
                        b -> b.kernels().resampling().crop(b.images(in, from), top, left, b.images(out, to)));
    }
}
