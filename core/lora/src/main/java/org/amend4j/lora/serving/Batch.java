/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The inputs of a graph, and their masks if it has any. */
final class Batch {

    private final INDArray[] features;
    private final @Nullable INDArray @Nullable [] masks;

    private Batch(INDArray[] features, @Nullable INDArray @Nullable [] masks) {
        this.features = features;
        this.masks = masks;
    }

    static Batch of(INDArray... features) {
        return new Batch(features.clone(), null);
    }

    static Batch of(MultiDataSet data) {
        return new Batch(data.getFeatures(), data.getFeaturesMaskArrays());
    }

    INDArray[] features() {
        return features;
    }

    @Nullable
    INDArray @Nullable [] masks() {
        return masks;
    }

    long examples() {
        return features[0].size(0);
    }

    /** Every array changed. */
    Batch map(UnaryOperator<INDArray> change) {
        INDArray[] changed = Arrays.stream(features).map(change).toArray(INDArray[]::new);
        @Nullable INDArray @Nullable [] given = masks;
        if (given == null) {
            return new Batch(changed, null);
        }
        @Nullable INDArray[] result = new INDArray[given.length];
        for (int i = 0; i < given.length; i++) {
            INDArray mask = given[i];
            result[i] = mask == null ? null : change.apply(mask);
        }
        return new Batch(changed, result);
    }

    /** Consecutive examples. */
    Batch interval(long from, long count) {
        return map(array -> RowGroups.interval(array, from, count));
    }
}
