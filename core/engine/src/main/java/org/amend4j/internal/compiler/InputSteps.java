/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.function.ToIntFunction;
import org.amend4j.internal.compiler.Value.Buffer;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;

/** What a run is given: no step at all. */
final class InputSteps<O extends Operation> implements OperationSteps<O> {

    private final GraphCompiler passes;
    private final ToIntFunction<O> index;

    InputSteps(GraphCompiler passes, ToIntFunction<O> index) {
        this.passes = passes;
        this.index = index;
    }

    @Override
    public Value forward(int node, O operation) {
        Shape shape = passes.shape(node);
        int input = index.applyAsInt(operation);
        return new Value(
                new Buffer.Input(input, passes.isNarrowInput(input)),
                passes.vertex(node),
                shape.pixels(),
                shape.channels(),
                0,
                shape.channels() + passes.inputRoom(input));
    }

    @Override
    public void backward(int node, O operation, GradientFlow flow) {
        throw new AssertionError("nothing trains below an input");
    }
}
