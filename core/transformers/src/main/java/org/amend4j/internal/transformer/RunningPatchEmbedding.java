/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Arrays;
import java.util.Objects;
import org.amend4j.transformer.PatchEmbedding;
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
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A running {@link PatchEmbedding}. */
public final class RunningPatchEmbedding extends BaseLayer<PatchEmbedding> {

    private static final long serialVersionUID = 1L;

    public RunningPatchEmbedding(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private long examples() {
        long patches = layerConf().patches();
        if (input.rank() != 2
                || input.size(0) % patches != 0
                || input.size(1) != layerConf().getNOut()) {
            throw new IllegalArgumentException("layer '" + layerConf().getLayerName() + "' reads rows of "
                    + layerConf().getNOut() + " of " + patches + " patches for each picture, got "
                    + Arrays.toString(input.shape()));
        }
        return input.size(0) / patches;
    }

    /** The rows of patches. */
    private INDArray patchesOf(INDArray patches, long example) {
        long count = layerConf().patches();
        return rows(patches, example * count, count);
    }

    /** The rows of a picture, the class token's first. */
    private INDArray picture(INDArray pictures, long example) {
        long count = 1L + layerConf().patches();
        return rows(pictures, example * count, count);
    }

    private static INDArray rows(INDArray of, long from, long count) {
        return of.get(NDArrayIndex.interval(from, from + count), NDArrayIndex.all());
    }

    private INDArray behindClassToken(INDArray picture) {
        return rows(picture, 1, layerConf().patches());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        long examples = examples();
        long[] shape = {examples * (1L + layerConf().patches()), layerConf().getNOut()};
        INDArray result = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
        INDArray classToken = getParam(PatchEmbedding.CLASS_TOKEN);
        for (long example = 0; example < examples; example++) {
            INDArray picture = picture(result, example).assign(getParam(PatchEmbedding.POSITIONS));
            rows(picture, 0, 1).addi(classToken);
            behindClassToken(picture).addi(patchesOf(input, example));
        }
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        long examples = examples();
        INDArray ofToken = view(PatchEmbedding.CLASS_TOKEN).assign(0);
        INDArray ofPositions = view(PatchEmbedding.POSITIONS).assign(0);
        INDArray ofInput = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
        for (long example = 0; example < examples; example++) {
            INDArray picture = picture(epsilon, example);
            ofPositions.addi(picture);
            ofToken.addi(rows(picture, 0, 1));
            patchesOf(ofInput, example).assign(behindClassToken(picture));
        }
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(PatchEmbedding.CLASS_TOKEN, ofToken);
        gradient.setGradientFor(PatchEmbedding.POSITIONS, ofPositions);
        if (layerConf().hasMaskToken()) {
            gradient.setGradientFor(
                    PatchEmbedding.MASK_TOKEN, view(PatchEmbedding.MASK_TOKEN).assign(0));
        }
        return new Pair<>(gradient, ofInput);
    }

    private INDArray view(String key) {
        return Objects.requireNonNull(gradientViews.get(key), key);
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
