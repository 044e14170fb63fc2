/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.network.Operation.Reshape;
import org.amend4j.internal.network.Shape;

/** The same memory, seen otherwise: no step at all. */
final class ReshapeSteps implements OperationSteps<Reshape> {

    private final GraphCompiler passes;

    ReshapeSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Reshape operation) {
        Shape shape = passes.shape(node);
        return passes.input(node, 0).as(shape.pixels(), shape.channels());
    }

    @Override
    public void backward(int node, Reshape operation, GradientFlow flow) {
        Shape shape = passes.inputShape(node, 0);
        passes.send(node, 0, new GradientFlow(flow.value().as(shape.pixels(), shape.channels()), flow.owned()));
    }
}
