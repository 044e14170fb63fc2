/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.objective.RecordIds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A table of examples that knows its rows by their content. */
final class RowTable {

    private final DataSet data;
    private final Map<List<Double>, List<Integer>> rows = new HashMap<>();

    RowTable(DataSet data) {
        if (data.getFeaturesMaskArray() != null || data.getLabelsMaskArray() != null) {
            throw new IllegalArgumentException("a recorded table must be without masks, got some");
        }
        this.data = data;
        List<List<Double>> all = contents(data.getFeatures(), data.getLabels());
        for (int row = 0; row < all.size(); row++) {
            rows.computeIfAbsent(all.get(row), content -> new ArrayList<>()).add(row);
        }
    }

    DataSet data() {
        return data;
    }

    int size() {
        return Math.toIntExact(data.getFeatures().size(0));
    }

    /** Every row's numbers, features and then labels. */
    private static List<List<Double>> contents(INDArray features, INDArray labels) {
        double[] x = ParameterVectors.of(features);
        double[] y = ParameterVectors.of(labels);
        int n = Math.toIntExact(features.size(0));
        int ofX = x.length / n;
        int ofY = y.length / n;
        List<List<Double>> contents = new ArrayList<>();
        for (int row = 0; row < n; row++) {
            List<Double> content = new ArrayList<>(ofX + ofY);
            Arrays.stream(x, row * ofX, (row + 1) * ofX).forEach(content::add);
            Arrays.stream(y, row * ofY, (row + 1) * ofY).forEach(content::add);
            contents.add(content);
        }
        return contents;
    }

    /**
     * The rows of a batch.
     *
     * @throws IllegalStateException if one is not in the table, or is there several times and not all of them are in the batch
     */
    RecordIds find(INDArray features, INDArray labels) {
        Map<List<Double>, Integer> taken = new HashMap<>();
        List<Long> ids = new ArrayList<>();
        for (List<Double> content : contents(features, labels)) {
            List<Integer> same = rows.get(content);
            int count = taken.merge(content, 1, Integer::sum);
            if (same == null) {
                throw new IllegalStateException(
                        "a batch has a row that is not in the recorded table: give FitRecorder the"
                                + " very numbers that fit gets, scaled as they are");
            }
            if (count > same.size()) {
                throw new IllegalStateException("a batch has row " + same.get(0)
                        + " of the recorded table more often than" + " the table has it");
            }
            ids.add((long) same.get(count - 1));
        }
        taken.forEach((content, count) -> {
            List<Integer> same = rows.getOrDefault(content, List.of());
            if (count < same.size()) {
                throw new IllegalStateException(
                        "rows " + same + " of the recorded table are the same, and nobody can tell which"
                                + " of them is in the batch: iterate with FitRecorder.batches");
            }
        });
        return RecordIds.of(ids.stream().mapToLong(Long::longValue).toArray());
    }

    /** Whether a batch has the content of these rows, in their order. */
    boolean matches(RecordIds ids, INDArray features, INDArray labels) {
        List<List<Double>> contents = contents(features, labels);
        for (int k = 0; k < contents.size(); k++) {
            if (ids.size() != contents.size()
                    || !rows.getOrDefault(contents.get(k), List.of()).contains((int) ids.get(k))) {
                return false;
            }
        }
        return true;
    }
}
