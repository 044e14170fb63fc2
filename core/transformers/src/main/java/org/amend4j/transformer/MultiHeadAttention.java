/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.internal.transformer.Columns;
import org.amend4j.internal.transformer.RotaryTables;
import org.amend4j.internal.transformer.RowAttention;
import org.amend4j.internal.transformer.TokenRows;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Attention of the tokens of each example to one another, without parameters: its inputs are the rows of queries, keys and values, which
 * linear layers make, and the graph's tokens. Fused, it reads rows that have queries, keys and values one behind the other, in the place of
 * three.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class MultiHeadAttention extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final AttentionRule.Stored stored;

    @JsonProperty
    private final boolean fused;

    /** Attention after a rule. */
    public MultiHeadAttention(AttentionRule rule) {
        this(AttentionRule.Stored.of(Objects.requireNonNull(rule, "rule")), false);
    }

    private MultiHeadAttention(
            @JsonProperty("stored") AttentionRule.Stored stored, @JsonProperty("fused") boolean fused) {
        this.stored = stored;
        this.fused = fused;
    }

    /**
     * Attention of queries, keys and values that lie one behind the other in rows, whose other input are the tokens.
     *
     * @throws IllegalArgumentException if positions turn queries and keys
     */
    public static MultiHeadAttention fused(AttentionRule rule) {
        if (rule.rotary().isPresent()) {
            throw new IllegalArgumentException("fused attention has no rotary positions, got "
                    + rule.rotary().get());
        }
        return new MultiHeadAttention(AttentionRule.Stored.of(rule), true);
    }

    /** Whether it reads queries, keys and values as columns of one input. */
    public boolean isFused() {
        return fused;
    }

    /** Which keys a query sees and how heads share them. */
    public AttentionRule rule() {
        return stored.rule();
    }

    @Override
    int inputs() {
        return fused ? 2 : 4;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... types) {
        InputType first = types[0];
        return fused ? InputType.feedForward(rule().queriesOf(first.arrayElementsPerExample())) : first;
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, rule(), fused);
    }

    @Override
    List<Object> settings() {
        return fused ? List.of(rule(), "fused") : List.of(rule());
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient AttentionRule rule;
        private final transient boolean fused;
        private final transient Optional<RotaryTables> rotary;
        private transient @Nullable RowAttention kept;
        private transient List<INDArray> keptOf = List.of();

        Vertex(ComputationGraph graph, String name, int index, DataType type, AttentionRule rule, boolean fused) {
            super(graph, name, index, type);
            this.rule = rule;
            this.fused = fused;
            this.rotary = rule.rotary().map(RotaryTables::new);
        }

        /** All inputs but the tokens. */
        private List<INDArray> projections() {
            return fused ? List.of(input(0)) : List.of(input(0), input(1), input(2));
        }

        /** Queries, keys and values, or their derivatives, each as it is or as columns of one array. */
        private List<INDArray> three(List<INDArray> of) {
            if (!fused) {
                return of;
            }
            INDArray together = of.get(0);
            long queries = rule.queriesOf(together.size(1));
            long keys = (together.size(1) - queries) / 2;
            return List.of(
                    Columns.of(together, 0, queries),
                    Columns.of(together, queries, keys),
                    Columns.of(together, queries + keys, keys));
        }

        private RowAttention attention(LayerWorkspaceMgr workspaces) {
            List<INDArray> three = three(projections());
            INDArray queries = three.get(0);
            INDArray keys = three.get(1);
            INDArray values = three.get(2);
            TokenRows rows = TokenRows.of(input(inputs.length - 1));
            rows.require("queries", queries);
            rows.require("keys", keys);
            rows.require("values", values);
            if (queries.size(1) % rule.heads() != 0
                    || keys.size(1) * rule.heads() != queries.size(1) * rule.keyValueHeads()
                    || values.size(1) != keys.size(1)
                    || rule.rotary()
                            .filter(turn -> turn.headSize() * (long) rule.heads() != queries.size(1))
                            .isPresent()) {
                throw new IllegalArgumentException("vertex '" + getVertexName() + "' has " + rule.heads()
                        + " heads of queries and " + rule.keyValueHeads()
                        + " of keys and values of one size, got rows of " + queries.size(1) + ", " + keys.size(1)
                        + " and " + values.size(1));
            }
            INDArray logSums = result(workspaces, queries.size(0), rule.heads());
            return new RowAttention(
                    rule, rotary, rows, queries, keys, values, result(workspaces, queries.shape()), logSums);
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            RowAttention attention = attention(workspaces);
            attention.forward();
            kept = training ? attention : null;
            keptOf = training ? projections() : List.of();
            // What is kept must stay as it is, and layers above may work in their input's memory.
            return training ? workspaces.dup(ArrayType.ACTIVATIONS, attention.out(), 'c') : attention.out();
        }

        @SuppressWarnings("ReferenceEquality") // arrays are the same, or others
        private boolean isKeptOf(List<INDArray> projections) {
            return keptOf.size() == projections.size()
                    && IntStream.range(0, keptOf.size()).allMatch(k -> keptOf.get(k) == projections.get(k));
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            RowAttention attention = kept;
            if (attention == null || !isKeptOf(projections())) {
                attention = attention(workspaces);
                attention.forward();
            }
            List<INDArray> derivatives = new ArrayList<>();
            for (int which = 0; which < inputs.length - 1; which++) {
                derivatives.add(derivative(workspaces, which));
            }
            List<INDArray> three = three(derivatives);
            attention.backward(d, three.get(0), three.get(1), three.get(2));
            kept = null;
            keptOf = List.of();
            derivatives.add(noDerivative(workspaces, inputs.length - 1));
            return derivatives.toArray(INDArray[]::new);
        }

        @Override
        public void clear() {
            super.clear();
            kept = null;
            keptOf = List.of();
        }
    }
}
