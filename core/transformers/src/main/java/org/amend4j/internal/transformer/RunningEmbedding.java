/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Objects;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running {@link TransformerEmbedding}: rows are looked up, and their derivatives added where they came from. */
public final class RunningEmbedding extends BaseLayer<TransformerEmbedding> {

    private static final long serialVersionUID = 1L;

    public RunningEmbedding(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private TokenTables tables() {
        return new TokenTables(layerConf(), paramTable());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        TokenTables tables = tables();
        return tables.rows(tables.places(input), (ids, rows) -> {}, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        Gradient gradient = new DefaultGradient();
        TokenTables tables = tables();
        try (ArrayKernels kernels = new ArrayKernels(epsilon)) {
            tables.places(input).forEach((key, of) -> {
                INDArray view =
                        Objects.requireNonNull(gradientViews.get(key), key).assign(0);
                kernels.scatterAdd(epsilon, of, view);
                if (key.equals(TransformerEmbedding.WORDS)) {
                    tables.scale(view);
                }
                gradient.setGradientFor(key, view);
            });
        }
        return new Pair<>(gradient, workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, input.shape()));
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState state, int minibatchSize) {
        HeadPass.refuseMask(mask, String.valueOf(layerConf().getLayerName()));
        return null;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
