/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * What attention and pooling read to know which rows are of one picture: tokens [examples, 1, rows of each], all of them kept. Its input
 * are the pictures.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class PictureTokens extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final int rows;

    /** @param rows of each picture, >= 1 */
    public PictureTokens(@JsonProperty("rows") int rows) {
        this.rows = Checks.atLeast(1, "rows of a picture", rows);
    }

    @Override
    int inputs() {
        return 1;
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, rows);
    }

    @Override
    List<Object> settings() {
        return List.of(rows);
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final int rows;

        Vertex(ComputationGraph graph, String name, int index, DataType type, int rows) {
            super(graph, name, index, type);
            this.rows = rows;
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            return result(workspaces, input(0).size(0), 1, rows).assign(0);
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            return new INDArray[] {noDerivative(workspaces, 0)};
        }
    }
}
