/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
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
final class RunningEmbedding extends BaseLayer<TransformerEmbedding> {

    private static final long serialVersionUID = 1L;

    private static final int TYPE = 2;

    RunningEmbedding(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /** Which row of each table a token has. */
    private Map<String, int[]> places() {
        TokenRows tokens = TokenRows.of(input);
        Map<String, int[]> places = new LinkedHashMap<>();
        places.put(
                TransformerEmbedding.WORDS,
                features(tokens, TokenRows.ID, layerConf().getNIn(), "a token id"));
        if (layerConf().positions() > 0) {
            places.put(TransformerEmbedding.POSITIONS, positions(tokens));
        }
        if (layerConf().types() > 0) {
            boolean given = input.size(1) > TYPE;
            places.put(
                    TransformerEmbedding.TYPES,
                    given ? features(tokens, TYPE, layerConf().types(), "a token type") : new int[tokens.count()]);
        }
        return places;
    }

    private int[] positions(TokenRows tokens) {
        int[] positions = tokens.positions();
        for (int row = 0; row < positions.length; row++) {
            positions[row] += layerConf().positionOffset();
            if (positions[row] >= layerConf().positions()) {
                throw new IllegalArgumentException("layer '" + layerConf().getLayerName() + "' has "
                        + (layerConf().positions() - layerConf().positionOffset())
                        + " positions, got an example of more tokens: cut it");
            }
        }
        return positions;
    }

    private int[] features(TokenRows tokens, int feature, long below, String what) {
        int[] owners = tokens.owners();
        int[] result = new int[tokens.count()];
        double[] values = TokenRows.feature(input, feature);
        for (int row = 0; row < result.length; row++) {
            double value = values[owners[row] * (int) input.size(2) + tokens.step(row)];
            result[row] = (int) value;
            if (result[row] != value || value < 0 || value >= below) {
                throw new IllegalArgumentException(what + " must be a whole number in [0, " + below + "), got " + value
                        + " in example " + owners[row] + ", step " + tokens.step(row));
            }
        }
        return result;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        Map<String, int[]> places = places();
        int count = Objects.requireNonNull(places.get(TransformerEmbedding.WORDS)).length;
        long[] shape = {count, layerConf().getNOut()};
        INDArray rows = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
        INDArray more = workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, dataType, shape, 'c');
        try (ArrayKernels kernels = new ArrayKernels(rows)) {
            places.forEach((key, of) -> {
                boolean first = key.equals(TransformerEmbedding.WORDS);
                kernels.gather(getParam(key), of, first ? rows : more);
                if (first) {
                    scale(rows);
                } else {
                    rows.addi(more);
                }
            });
        }
        return rows;
    }

    private void scale(INDArray ofWords) {
        if (layerConf().factor() != 1) {
            ofWords.muli(layerConf().factor());
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        Gradient gradient = new DefaultGradient();
        try (ArrayKernels kernels = new ArrayKernels(epsilon)) {
            places().forEach((key, of) -> {
                INDArray view =
                        Objects.requireNonNull(gradientViews.get(key), key).assign(0);
                kernels.scatterAdd(epsilon, of, view);
                if (key.equals(TransformerEmbedding.WORDS)) {
                    scale(view);
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
