/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/** The running vertex of {@link NormClipVertex}. Rows are independent of one another. */
@SuppressWarnings("overrides") // Deeplearning4j's own setInputs lacks the dots of its interface
public final class NormClip extends BaseGraphVertex {

    private static final long serialVersionUID = 1L;

    private final double radius;

    NormClip(ComputationGraph graph, String name, int index, double radius, DataType dataType) {
        super(graph, name, index, null, null, dataType);
        this.radius = radius;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = input();
        INDArray clipped = workspaces.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), x.ordering());
        return scaled(x, factors(x, norms(x)), clipped);
    }

    /**
     * On a row outside of the ball {@code y = c·x/‖x‖}, hence {@code dx = (c/‖x‖)·(dy - x·⟨x, dy⟩/‖x‖²)}; inside it is dy.
     */
    @Override
    public Pair<@Nullable Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        INDArray x = input();
        INDArray dy = getEpsilon();
        double[] norms = norms(x);
        double[] factors = factors(x, norms);
        INDArray radial =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, x.dataType(), x.shape(), x.ordering());
        double[] products = radial.assign(x).muli(dy).sum(1).toDoubleVector();
        for (int i = 0; i < products.length; i++) {
            products[i] = factors[i] == 1 ? 0 : products[i] / norms[i] / norms[i];
        }
        scaled(x, products, radial);
        INDArray dx = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), x.ordering());
        dx.assign(dy).subi(radial);
        return new Pair<>(null, new INDArray[] {scaled(dx, factors, dx)});
    }

    private INDArray input() {
        INDArray x = inputs[0];
        if (x == null || x.rank() != 2) {
            throw new DL4JInvalidInputException("a norm clip must have input [batch, n], got "
                    + (x == null ? "none" : Arrays.toString(x.shape())) + " (vertex '" + getVertexName() + "')");
        }
        return x.castTo(dataType);
    }

    private static double[] norms(INDArray x) {
        return x.norm2(1).toDoubleVector();
    }

    /**
     * {@code min(1, R/‖x‖)}, moved down over all roundings: a norm of n numbers is off by at most n/2 + 2 units, the factor
     * and its product with an element by 3 more.
     */
    private double[] factors(INDArray x, double[] norms) {
        double unit = x.dataType() == DataType.DOUBLE ? 0x1p-53 : 0x1p-24;
        double margin = 2 * unit * (x.size(1) + 8.0);
        return Arrays.stream(norms)
                .map(norm -> norm * (1 + margin) <= radius ? 1 : radius / norm * (1 - margin))
                .toArray();
    }

    private static INDArray scaled(INDArray x, double[] factors, INDArray result) {
        INDArray column = Nd4j.createFromArray(factors).castTo(x.dataType());
        return Nd4j.getExecutioner().exec(new BroadcastMulOp(x, column, result, 0));
    }

    @Override
    public boolean hasLayer() {
        return false;
    }

    @Override
    public @Nullable Layer getLayer() {
        return null;
    }

    @Override
    public void setBackpropGradientsViewArray(@Nullable INDArray gradients) {
        if (gradients != null) {
            throw new IllegalArgumentException("a norm clip has no parameters (vertex '" + getVertexName() + "')");
        }
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArrays(
            INDArray @Nullable [] masks, MaskState state, int batch) {
        return masks == null || masks.length == 0 ? null : new Pair<>(masks[0], state);
    }

    @Override
    public String toString() {
        return "NormClip(" + getVertexName() + ", " + radius + ")";
    }
}
