/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import java.util.Objects;
import org.amend4j.internal.transformer.TokenRows;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One row for each example, [examples, width], of the rows of its tokens. Its inputs are rows and the graph's tokens; behind it, arrays
 * are Deeplearning4j's usual ones.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class SequencePooling extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final Pooling pooling;

    /** Pooling in one of its ways. */
    public SequencePooling(@JsonProperty("pooling") Pooling pooling) {
        this.pooling = Objects.requireNonNull(pooling, "pooling");
    }

    /** How rows become one. */
    public Pooling pooling() {
        return pooling;
    }

    @Override
    int inputs() {
        return 2;
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, pooling);
    }

    @Override
    List<Object> settings() {
        return List.of(pooling);
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient Pooling pooling;

        Vertex(ComputationGraph graph, String name, int index, DataType type, Pooling pooling) {
            super(graph, name, index, type);
            this.pooling = pooling;
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray rows = input(0);
            TokenRows tokens = TokenRows.of(input(1));
            tokens.require("what is pooled", rows);
            INDArray means = result(workspaces, tokens.examples(), rows.size(1));
            if (pooling != Pooling.MEAN) {
                return means.assign(Nd4j.pullRows(rows, 1, ends(tokens)));
            }
            for (int example = 0; example < tokens.examples(); example++) {
                means.putRow(example, ofExample(rows, tokens, example).mean(0));
            }
            return means;
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            TokenRows tokens = TokenRows.of(input(1));
            INDArray dRows = derivative(workspaces, 0).assign(0);
            for (int example = 0; example < tokens.examples(); example++) {
                INDArray row = d.getRow(example, true);
                if (pooling == Pooling.MEAN) {
                    int length = tokens.end(example) - tokens.start(example);
                    ofExample(dRows, tokens, example).addiRowVector(row.div(length));
                } else {
                    dRows.putRow(ends(tokens)[example], row);
                }
            }
            return new INDArray[] {dRows, noDerivative(workspaces, 1)};
        }

        /** The first or last row of each example. */
        private int[] ends(TokenRows tokens) {
            int[] rows = new int[tokens.examples()];
            for (int example = 0; example < rows.length; example++) {
                rows[example] = pooling == Pooling.FIRST ? tokens.start(example) : tokens.end(example) - 1;
            }
            return rows;
        }

        private static INDArray ofExample(INDArray rows, TokenRows tokens, int example) {
            return rows.get(NDArrayIndex.interval(tokens.start(example), tokens.end(example)), NDArrayIndex.all());
        }
    }
}
