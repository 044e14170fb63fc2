/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import org.amend4j.internal.transformer.ArrayKernels;
import org.amend4j.internal.transformer.TokenRows;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A row for every position of every example, [examples · time, width]: padding gets zeros. Labels that have a column for each position
 * can then be told apart. Its inputs are rows and the graph's tokens.
 *
 * <p>The class name is part of Deeplearning4j's file format.
 */
public final class AtPositions extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @Override
    int inputs() {
        return 2;
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
            TokenRows tokens = TokenRows.of(input(1));
            tokens.require("what is put at its positions", rows);
            INDArray result = result(workspaces, input(1).size(0) * time(), rows.size(1));
            int[] places = places(tokens);
            if (places.length < result.size(0)) {
                result.assign(0);
            }
            try (ArrayKernels kernels = new ArrayKernels(rows)) {
                kernels.place(rows, places, result);
            }
            return result;
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            INDArray dRows = derivative(workspaces, 0);
            try (ArrayKernels kernels = new ArrayKernels(dRows)) {
                kernels.gather(d, places(TokenRows.of(input(1))), dRows);
            }
            return new INDArray[] {dRows, noDerivative(workspaces, 1)};
        }

        private long time() {
            return input(1).size(2);
        }

        private int[] places(TokenRows tokens) {
            int[] places = tokens.owners();
            for (int row = 0; row < places.length; row++) {
                places[row] = (int) (places[row] * time()) + tokens.step(row);
            }
            return places;
        }
    }
}
