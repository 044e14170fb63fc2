/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.layers.samediff.SameDiffGraphVertex;
import org.deeplearning4j.nn.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Corrects the backward pass of Deeplearning4j's layers and vertices that are written in SameDiff (attention, locally
 * connected, lambdas, a user's own). ND4J 1.0.0-M2.1 hands them the error twice: {@code ExternalErrorsFunction.doDiff} sets it as the
 * gradient of its argument, and {@code DifferentialFunction.diff} then adds it to the gradient it finds there. The pass is
 * linear, so half the error gives the right gradients, to the bit.
 */
public final class ExternalErrors {

    private static final double HALF = 0.5;

    private ExternalErrors() {}

    /** Whether a stock vertex has this fault. */
    public static boolean concerns(GraphVertex vertex) {
        return vertex instanceof SameDiffVertex;
    }

    /** Whether a stock layer has this fault. */
    public static boolean concerns(Layer layer) {
        return layer instanceof org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
    }

    /** The error to give to a running stock layer. */
    public static INDArray of(org.deeplearning4j.nn.api.Layer stock, INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return innermost(stock) instanceof SameDiffLayer ? halved(epsilon, workspaces) : epsilon;
    }

    /** The error to give to a running stock vertex. */
    public static INDArray of(
            org.deeplearning4j.nn.graph.vertex.GraphVertex stock, INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return stock instanceof SameDiffGraphVertex ? halved(epsilon, workspaces) : epsilon;
    }

    private static org.deeplearning4j.nn.api.Layer innermost(org.deeplearning4j.nn.api.Layer layer) {
        return layer instanceof BaseWrapperLayer wrapper ? innermost(wrapper.getUnderlying()) : layer;
    }

    private static INDArray halved(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return workspaces.dup(ArrayType.BP_WORKING_MEM, epsilon).muli(HALF);
    }
}
