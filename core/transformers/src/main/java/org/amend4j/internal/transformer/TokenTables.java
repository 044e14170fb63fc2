/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a running {@link TransformerEmbedding} looks up.
 *
 * @param layer its configuration
 * @param tables by its keys, only read
 */
record TokenTables(TransformerEmbedding layer, Map<String, INDArray> tables) {

    private static final int TYPE = 2;

    /**
     * Which row of each table a token has.
     *
     * @param input [examples, features, time]
     */
    Map<String, int[]> places(INDArray input) {
        TokenRows tokens = TokenRows.of(input);
        Map<String, int[]> places = new LinkedHashMap<>();
        places.put(TransformerEmbedding.WORDS, features(input, tokens, TokenRows.ID, layer.getNIn(), "a token id"));
        if (layer.positions() > 0) {
            places.put(TransformerEmbedding.POSITIONS, positions(tokens));
        }
        if (layer.types() > 0) {
            boolean given = input.size(1) > TYPE;
            places.put(
                    TransformerEmbedding.TYPES,
                    given ? features(input, tokens, TYPE, layer.types(), "a token type") : new int[tokens.count()]);
        }
        return places;
    }

    private int[] positions(TokenRows tokens) {
        int[] positions = tokens.positions();
        for (int row = 0; row < positions.length; row++) {
            positions[row] += layer.positionOffset();
            if (positions[row] >= layer.positions()) {
                throw new IllegalArgumentException("layer '" + layer.getLayerName() + "' has "
                        + (layer.positions() - layer.positionOffset())
                        + " positions, got an example of more tokens: cut it");
            }
        }
        return positions;
    }

    private static int[] features(INDArray input, TokenRows tokens, int feature, long below, String what) {
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

    /**
     * The rows of tokens, [tokens, d].
     *
     * @param beside adds to the words' rows, given the tokens' ids, before they are scaled
     */
    INDArray rows(Map<String, int[]> places, BiConsumer<int[], INDArray> beside, LayerWorkspaceMgr workspaces) {
        INDArray words = table(TransformerEmbedding.WORDS);
        int[] ids = Objects.requireNonNull(places.get(TransformerEmbedding.WORDS));
        long[] shape = {ids.length, layer.getNOut()};
        INDArray rows = workspaces.createUninitialized(ArrayType.ACTIVATIONS, words.dataType(), shape, 'c');
        INDArray more = workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, words.dataType(), shape, 'c');
        try (ArrayKernels kernels = new ArrayKernels(rows)) {
            kernels.gather(words, ids, rows);
            beside.accept(ids, rows);
            scale(rows);
            places.forEach((key, of) -> {
                if (!key.equals(TransformerEmbedding.WORDS)) {
                    kernels.gather(table(key), of, more);
                    rows.addi(more);
                }
            });
        }
        return rows;
    }

    private INDArray table(String key) {
        return Objects.requireNonNull(tables.get(key), key);
    }

    /** Multiplies the rows of words, or their derivatives, with the layer's factor. */
    void scale(INDArray ofWords) {
        if (layer.factor() != 1) {
            ofWords.muli(layer.factor());
        }
    }
}
