/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import org.amend4j.internal.network.Operation.Elementwise;

/** Functions of each element that could not be folded into what is before them. */
final class ElementwiseSteps implements OperationSteps<Elementwise> {

    private final GraphCompiler passes;
    private final Activations activations;

    ElementwiseSteps(GraphCompiler passes) {
        this.passes = passes;
        this.activations = new Activations(passes);
    }

    @Override
    public Value forward(int node, Elementwise elementwise) {
        Value in = passes.input(node, 0);
        boolean keepsInput = activations.keepsPre(node, elementwise.activation());
        Value out = keepsInput ? passes.fresh(node) : passes.elementwisePlace(node);
        activations.apply(node, in, Optional.empty(), elementwise.activation(), Optional.empty(), out);
        activations.note(node, keepsInput ? in : out);
        return out;
    }

    @Override
    public void backward(int node, Elementwise elementwise, GradientFlow flow) {
        passes.send(node, 0, activations.differentiate(node, elementwise.activation(), flow));
    }
}
