/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import org.amend4j.internal.transformer.Columns;
import org.amend4j.internal.transformer.TokenRows;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * One row for each picture, [pictures, 2 · width]: that of its class token and, behind it, the mean of its patches'. Its inputs are rows,
 * the class token's first, and the vertex that says which rows are of one picture ({@link PictureTokens}).
 *
 * <p>The class name is part of Deeplearning4j's file format.
 */
public final class ClassTokenAndMean extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @Override
    int inputs() {
        return 2;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... types) {
        return InputType.feedForward(2 * types[0].arrayElementsPerExample());
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type);
    }

    @Override
    List<Object> settings() {
        return List.of();
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        Vertex(ComputationGraph graph, String name, int index, DataType type) {
            super(graph, name, index, type);
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray rows = input(0);
            TokenRows tokens = tokens();
            long width = rows.size(1);
            INDArray both = result(workspaces, tokens.examples(), 2 * width);
            for (int picture = 0; picture < tokens.examples(); picture++) {
                Columns.of(both, picture, picture + 1, 0, width).assign(rows.getRow(tokens.start(picture), true));
                Columns.of(both, picture, picture + 1, width, width)
                        .assign(patches(rows, tokens, picture).mean(true, 0));
            }
            return both;
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            TokenRows tokens = tokens();
            INDArray dRows = derivative(workspaces, 0);
            long width = dRows.size(1);
            for (int picture = 0; picture < tokens.examples(); picture++) {
                INDArray patches = patches(dRows, tokens, picture);
                INDArray each =
                        Columns.of(d, picture, picture + 1, width, width).div(patches.size(0));
                patches.assign(0).addiRowVector(each);
                dRows.getRow(tokens.start(picture), true).assign(Columns.of(d, picture, picture + 1, 0, width));
            }
            return new INDArray[] {dRows, noDerivative(workspaces, 1)};
        }

        private TokenRows tokens() {
            TokenRows tokens = TokenRows.of(input(1));
            tokens.require("rows of class tokens and patches", input(0));
            for (int picture = 0; picture < tokens.examples(); picture++) {
                if (tokens.end(picture) - tokens.start(picture) < 2) {
                    throw new IllegalArgumentException("vertex '" + getVertexName()
                            + "' reads rows of a class token and of one patch or more, got a picture with one row");
                }
            }
            return tokens;
        }

        private static INDArray patches(INDArray rows, TokenRows tokens, int picture) {
            return rows.get(NDArrayIndex.interval(tokens.start(picture) + 1, tokens.end(picture)), NDArrayIndex.all());
        }
    }
}
