/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.Operation.Affine;
import org.amend4j.internal.network.Values;

/** Frozen batch norms that could not be folded into what is before them. */
final class AffineSteps implements OperationSteps<Affine> {

    private final GraphCompiler passes;

    AffineSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Affine affine) {
        Value out = passes.elementwisePlace(node);
        apply(node, "scale and shift channels of ", affine, Optional.of(affine.shift()), passes.input(node, 0), out);
        return out;
    }

    @Override
    public void backward(int node, Affine affine, GradientFlow flow) {
        Value to = passes.place(node, flow);
        apply(node, "scale gradients of channels of ", affine, Optional.empty(), flow.value(), to);
        passes.send(node, 0, new GradientFlow(to, true));
    }

    private void apply(int node, String what, Affine affine, Optional<Values.Constant> shift, Value from, Value to) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        what + passes.shape(node),
                        List.of(from),
                        List.of(to),
                        Work.through(2.0 * passes.shape(node).size()),
                        b -> b.kernels()
                                .batchNorm()
                                .apply(
                                        b.array(from),
                                        b.parameter(affine.factor()),
                                        shift.map(b::parameter),
                                        b.array(to),
                                        1));
    }
}
