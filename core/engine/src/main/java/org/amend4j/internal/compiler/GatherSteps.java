/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.network.Operation.Gather;

/** Embeddings. */
final class GatherSteps implements OperationSteps<Gather> {

    private final GraphCompiler passes;
    private final Activations activations;

    GatherSteps(GraphCompiler passes) {
        this.passes = passes;
        this.activations = new Activations(passes);
    }

    @Override
    public Value forward(int node, Gather gather) {
        Value tokens = passes.input(node, 0);
        Value z = passes.fresh(node);
        int columns = z.columns();
        Value table = passes.transposed(node, gather.table(), columns, gather.vocabulary());
        passes.steps()
                .add(
                        passes.vertex(node),
                        "rows of a table " + Products.shape(gather.vocabulary(), columns),
                        List.of(tokens, table),
                        List.of(z),
                        Work.through(2.0 * columns),
                        b -> b.kernels().embedding().gather(b.matrix(table), b.array(tokens), b.matrix(z)));
        return activations.apply(node, z, gather.bias(), gather.activation());
    }

    @Override
    public void backward(int node, Gather gather, GradientFlow flow) {
        GradientFlow delta = activations.differentiate(node, gather.activation(), flow);
        passes.parameters().add(new TrainedRows.OfTable(passes.node(node), gather, passes.input(node, 0), delta));
    }
}
