/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Objects;
import org.amend4j.internal.network.PropagatesInputGradient;
import org.amend4j.transformer.LayerScale;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running {@link LayerScale}: {@code dx = dy∘λ}, {@code dλ = Σ dy∘x}, the sum over rows. */
public final class RunningLayerScale extends BaseLayer<LayerScale> implements PropagatesInputGradient {

    private static final long serialVersionUID = 1L;

    public RunningLayerScale(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private INDArray scaled(INDArray rows, ArrayType livesAs, LayerWorkspaceMgr workspaces) {
        return copy(rows, livesAs, workspaces).muliRowVector(getParam(LayerScale.LAMBDA));
    }

    private INDArray copy(INDArray rows, ArrayType livesAs, LayerWorkspaceMgr workspaces) {
        return workspaces
                .createUninitialized(livesAs, dataType, rows.shape(), 'c')
                .assign(rows);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        return scaled(input, ArrayType.ACTIVATIONS, workspaces);
    }

    @Override
    public INDArray inputGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return scaled(epsilon, ArrayType.ACTIVATION_GRAD, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray view = Objects.requireNonNull(gradientViews.get(LayerScale.LAMBDA), LayerScale.LAMBDA);
        INDArray products = copy(epsilon, ArrayType.BP_WORKING_MEM, workspaces).muli(input.castTo(dataType));
        try (ArrayKernels kernels = new ArrayKernels(products)) {
            kernels.columnSums(kernels.rows(products), view, 0);
        }
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(LayerScale.LAMBDA, view);
        return new Pair<>(gradient, inputGradient(epsilon, workspaces));
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
