/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A forward pass of attention between projections, or of attention alone, with what its backward pass needs. Biases there are none.
 *
 * @param inputs that queries, keys and values are made of
 * @param projections none where inputs are queries, keys and values themselves, in one head
 * @param attention of these
 * @param context what the heads put out, [examples · queries, heads · size of a value]
 */
public record AttentionPass(
        Inputs inputs, Optional<Projections> projections, DotProductAttention attention, INDArray context) {

    /**
     * Rows that attention is made of.
     *
     * @param queries [examples · queries, width], or [queries, width] that all examples share
     * @param keys [examples · keys, width]
     * @param values likewise
     * @param mask of the keys, [examples, keys]
     */
    public record Inputs(INDArray queries, INDArray keys, INDArray values, Optional<INDArray> mask) {}

    /** Memory for rows in C order that a backward pass needs. */
    @FunctionalInterface
    public interface Memory {

        /** Of any contents. */
        INDArray rows(long rows, long columns);
    }

    /**
     * Computes it.
     *
     * @param sizes whose heads are those of the projections, or 1
     */
    public static AttentionPass forward(
            Inputs inputs, Optional<Projections> projections, AttentionSizes sizes, Memory memory) {
        INDArray queries = projected(inputs.queries(), projections.map(Projections::queries), memory);
        INDArray keys = projected(inputs.keys(), projections.map(Projections::keys), memory);
        INDArray values = projected(inputs.values(), projections.map(Projections::values), memory);
        DotProductAttention attention = new DotProductAttention(sizes, queries, keys, values, inputs.mask());
        INDArray context = memory.rows((long) sizes.examples() * sizes.queries(), values.size(1));
        attention.forward(context);
        return new AttentionPass(inputs, projections, attention, context);
    }

    private static INDArray projected(INDArray rows, Optional<INDArray> weight, Memory memory) {
        return weight.map(w -> RowProducts.multiply(rows, w, memory.rows(rows.size(0), w.size(1)), 0))
                .orElse(rows);
    }

    /** [examples · queries, outputs]; without projections it is {@link #context} itself. */
    public INDArray output(Memory memory) {
        return projected(context, projections.map(Projections::output), memory);
    }

    /** From the derivative at the output. No weight's is formed. */
    public Backward backward(INDArray d) {
        INDArray dContext = projections
                .map(weights -> RowProducts.product(d, weights.output().transpose()))
                .orElse(d);
        return new Backward(this, d, attention.backward(dContext));
    }

    /**
     * What a backward pass has made.
     *
     * @param pass that went before
     * @param output the derivative at the output
     * @param projected the derivatives at what was projected
     */
    public record Backward(AttentionPass pass, INDArray output, DotProductAttention.Gradients projected) {

        /** Writes the derivative at the queries' input plus a share of what is there. */
        public void toQueries(INDArray into, double share) {
            write(projected.queries(), pass.projections().map(Projections::queries), into, share);
        }

        /** That at the keys'. */
        public void toKeys(INDArray into, double share) {
            write(projected.keys(), pass.projections().map(Projections::keys), into, share);
        }

        /** That at the values'. */
        public void toValues(INDArray into, double share) {
            write(projected.values(), pass.projections().map(Projections::values), into, share);
        }

        private static void write(INDArray d, Optional<INDArray> weight, INDArray into, double share) {
            if (weight.isPresent()) {
                RowProducts.multiply(d, weight.get().transpose(), into, share);
            } else if (share == 0) {
                into.assign(d);
            } else {
                into.muli(share).addi(d);
            }
        }
    }
}
