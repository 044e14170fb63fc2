/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs vertices of Deeplearning4j's graphs one at a time. */
public final class Vertices {

    private Vertices() {}

    /**
     * What a vertex makes of its inputs in test mode. It keeps them until it is cleared, and may write over them.
     *
     * @param inputs in its order
     * @return its value, in no workspace
     */
    public static INDArray forward(GraphVertex vertex, INDArray[] inputs) {
        LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
        for (int i = 0; i < inputs.length; i++) {
            vertex.setInput(i, inputs[i], workspaces);
        }
        return vertex.doForward(false, workspaces);
    }
}
