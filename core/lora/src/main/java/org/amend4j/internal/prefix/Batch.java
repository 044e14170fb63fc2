/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The arrays of one batch with their roles.
 *
 * @param columns what each array is
 * @param arrays the arrays, the batch along dimension 0
 */
record Batch(List<Column> columns, List<INDArray> arrays) {

    /**
     * A data set's features, labels and label masks.
     *
     * @param firstExample the number of examples before this batch, for messages
     * @throws IllegalArgumentException if there are feature masks, or a feature is not finite
     */
    static Batch of(MultiDataSet data, long firstExample) {
        if (data.hasMaskArrays() && data.getFeaturesMaskArrays() != null) {
            for (INDArray mask : data.getFeaturesMaskArrays()) {
                if (mask != null) {
                    throw new IllegalArgumentException("a cached prefix takes no feature masks, got one of shape "
                            + Arrays.toString(mask.shape()));
                }
            }
        }
        for (int i = 0; i < data.numFeatureArrays(); i++) {
            checkFinite(data.getFeatures(i), i, firstExample);
        }
        return with(data.getFeatures(), data);
    }

    /** The same labels and masks, with other arrays in the features' place. */
    static Batch with(INDArray[] activations, MultiDataSet data) {
        List<Column> columns = new ArrayList<>();
        List<INDArray> arrays = new ArrayList<>();
        for (INDArray array : activations) {
            add(columns, arrays, Column.Role.ACTIVATION, array);
        }
        for (int i = 0; i < data.numLabelsArrays(); i++) {
            add(columns, arrays, Column.Role.LABEL, data.getLabels(i));
            INDArray[] masks = data.getLabelsMaskArrays();
            if (masks != null && masks[i] != null) {
                add(columns, arrays, Column.Role.LABEL_MASK, masks[i]);
            }
        }
        return new Batch(List.copyOf(columns), List.copyOf(arrays));
    }

    /** The number of examples. */
    int examples() {
        return Math.toIntExact(arrays.get(0).size(0));
    }

    private static void add(List<Column> columns, List<INDArray> arrays, Column.Role role, INDArray array) {
        columns.add(Column.of(role, array));
        arrays.add(array);
    }

    private static void checkFinite(INDArray features, int index, long firstExample) {
        if (!features.dataType().isFPType()) {
            return;
        }
        double[] values = features.dataType() == DataType.DOUBLE
                ? features.dup('c').data().asDouble()
                : new double[0];
        float[] floats = values.length > 0
                ? new float[0]
                : features.castTo(DataType.FLOAT).dup('c').data().asFloat();
        int length = Math.max(values.length, floats.length);
        int each = length / Math.toIntExact(features.size(0));
        for (int i = 0; i < length; i++) {
            double value = values.length > 0 ? values[i] : floats[i];
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("features must be finite, got " + value + " in example "
                        + (firstExample + i / each) + " of feature array " + index);
            }
        }
    }
}
