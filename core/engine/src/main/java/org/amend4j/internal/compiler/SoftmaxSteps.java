/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.network.Operation.Softmax;

/** Softmax at the end of a network that is only used. */
final class SoftmaxSteps implements OperationSteps<Softmax> {

    private final GraphCompiler passes;

    SoftmaxSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Softmax operation) {
        Value in = passes.input(node, 0);
        Value out = passes.elementwisePlace(node);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "softmax of " + passes.shape(node),
                        List.of(in),
                        List.of(out),
                        Work.through(2.0 * passes.shape(node).size()),
                        b -> b.kernels().loss().softmax(b.matrix(in), b.matrix(out)));
        return out;
    }

    @Override
    public void backward(int node, Softmax operation, GradientFlow flow) {
        throw new AssertionError("a softmax in a network that trains is part of its loss");
    }
}
