/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.network.Operation.Reorder;
import org.amend4j.internal.network.Shape;

/** Pixels of channels to channels of pixels, or back. */
final class ReorderSteps implements OperationSteps<Reorder> {

    private final GraphCompiler passes;

    ReorderSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Reorder reorder) {
        Value out = passes.fresh(node);
        transpose(node, reorder, passes.input(node, 0), out, reorder.toChannelsFirst());
        return out;
    }

    @Override
    public void backward(int node, Reorder reorder, GradientFlow flow) {
        Value to = passes.freshGradient(node, 0);
        transpose(node, reorder, flow.value(), to, !reorder.toChannelsFirst());
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private void transpose(int node, Reorder reorder, Value from, Value to, boolean toChannelsFirst) {
        Shape images = reorder.toChannelsFirst() ? passes.inputShape(node, 0) : passes.shape(node);
        int rows = toChannelsFirst ? images.pixels() : images.channels();
        int columns = toChannelsFirst ? images.channels() : images.pixels();
        passes.steps()
                .add(
                        passes.vertex(node),
                        (toChannelsFirst ? "channels first of " : "channels last to ") + images,
                        List.of(from),
                        List.of(to),
                        Work.through(2.0 * images.size()),
                        b -> b.kernels()
                                .elementwise()
                                .transpose(b.array(from), b.array(to), b.examples(), rows, columns));
    }
}
