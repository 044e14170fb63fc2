/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Attention of the tokens of each example to one another, without parameters: its inputs are the rows of queries, keys and values, which
 * linear layers make, and the graph's tokens.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class MultiHeadAttention extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final AttentionRule.Stored stored;

    /** Attention after a rule. */
    public MultiHeadAttention(AttentionRule rule) {
        this(AttentionRule.Stored.of(Objects.requireNonNull(rule, "rule")));
    }

    private MultiHeadAttention(@JsonProperty("stored") AttentionRule.Stored stored) {
        this.stored = stored;
    }

    /** Which keys a query sees and how heads share them. */
    public AttentionRule rule() {
        return stored.rule();
    }

    @Override
    int inputs() {
        return 4;
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, rule());
    }

    @Override
    Optional<Object> setting() {
        return Optional.of(rule());
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient AttentionRule rule;
        private final transient Optional<RotaryTables> rotary;
        private transient @Nullable RowAttention kept;

        Vertex(ComputationGraph graph, String name, int index, DataType type, AttentionRule rule) {
            super(graph, name, index, type);
            this.rule = rule;
            this.rotary = rule.rotary().map(RotaryTables::new);
        }

        private RowAttention attention(LayerWorkspaceMgr workspaces) {
            TokenRows rows = TokenRows.of(input(3));
            INDArray queries = input(0);
            INDArray keys = input(1);
            INDArray values = input(2);
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
            // What is kept must stay as it is, and layers above may work in their input's memory.
            return training ? workspaces.dup(ArrayType.ACTIVATIONS, attention.out(), 'c') : attention.out();
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            RowAttention attention = kept;
            if (attention == null || !attention.isOf(input(0), input(1), input(2))) {
                attention = attention(workspaces);
                attention.forward();
            }
            INDArray[] derivatives = {
                derivative(workspaces, 0),
                derivative(workspaces, 1),
                derivative(workspaces, 2),
                noDerivative(workspaces, 3)
            };
            attention.backward(d, derivatives[0], derivatives[1], derivatives[2]);
            kept = null;
            return derivatives;
        }

        @Override
        public void clear() {
            super.clear();
            kept = null;
        }
    }
}
