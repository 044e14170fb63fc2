/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.network.FrozenForm;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;

/** A node of the program while it is being compiled: it may still absorb the vertex that follows. */
final class Draft {

    private final List<GraphVertex> chain;
    private final List<Draft> inputs;
    private final Optional<RowShape.Layout> layout;
    private final Optional<Fold> fold;
    private final Optional<Supplier<RowOperation>> step;
    private final Optional<FrozenForm.ZeroPadding> padding;

    private Draft(
            List<GraphVertex> chain,
            List<Draft> inputs,
            Optional<RowShape.Layout> layout,
            Optional<Fold> fold,
            Optional<Supplier<RowOperation>> step,
            Optional<FrozenForm.ZeroPadding> padding) {
        this.chain = new ArrayList<>(chain);
        this.inputs = List.copyOf(inputs);
        this.layout = layout;
        this.fold = fold;
        this.step = step;
        this.padding = padding;
    }

    /** A network input. */
    static Draft input() {
        return new Draft(List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A vertex left to DL4J. */
    static Draft stock(GraphVertex vertex, List<Draft> inputs) {
        return new Draft(
                List.of(vertex), inputs, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A zero padding that the next convolution may take in. */
    static Draft padding(GraphVertex vertex, Draft input, FrozenForm.ZeroPadding conf) {
        return new Draft(
                List.of(vertex),
                List.of(input),
                Optional.of(Layers.layout(conf.order())),
                Optional.empty(),
                Optional.empty(),
                Optional.of(conf));
    }

    /**
     * An operation with a fast step that takes in what follows.
     *
     * @param chain the vertices it stands for; empty if DL4J has no vertex for exactly this
     * @param layout the output's layout, if known
     */
    static Draft linear(
            List<GraphVertex> chain,
            List<Draft> inputs,
            Optional<RowShape.Layout> layout,
            Fold fold,
            Supplier<RowOperation> step) {
        return new Draft(chain, inputs, layout, Optional.of(fold), Optional.of(step), Optional.empty());
    }

    /** An operation with a fast step that takes nothing in. */
    static Draft closed(GraphVertex vertex, List<Draft> inputs, Optional<RowShape.Layout> layout, RowOperation step) {
        return new Draft(List.of(vertex), inputs, layout, Optional.empty(), Optional.of(() -> step), Optional.empty());
    }

    List<GraphVertex> chain() {
        return chain;
    }

    List<Draft> inputs() {
        return inputs;
    }

    Optional<RowShape.Layout> layout() {
        return layout;
    }

    Optional<FrozenForm.ZeroPadding> padding() {
        return padding;
    }

    /** The step, with everything taken in so far. */
    Optional<RowOperation> step() {
        return step.map(Supplier::get);
    }

    /** Where a batch norm of this layout may go, if this operation's output is of that layout and still linear. */
    Optional<Fold> openFor(RowShape.Layout batchNorm) {
        boolean fits = layout.filter(l -> l == batchNorm || l == RowShape.Layout.FEATURES)
                .isPresent();
        return fits ? open() : Optional.empty();
    }

    /** Where an activation may go, if the output is still linear. */
    Optional<Fold> open() {
        return fold.filter(Fold::isLinear);
    }

    /** Notes that a vertex was taken in. */
    void takes(GraphVertex vertex) {
        chain.add(vertex);
    }
}
