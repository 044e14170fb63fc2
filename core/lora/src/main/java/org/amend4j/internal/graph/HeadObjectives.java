/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.graph;

import java.util.Arrays;
import org.amend4j.graph.Records;
import org.amend4j.objective.HeadObjective;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Linear heads on the records of a network with one input and one output. */
public final class HeadObjectives {

    private HeadObjectives() {}

    /**
     * Logistic regression; the records keep their ids.
     *
     * @param records features [records, inputs], labels [records, 1], each in [0, 1]; copied as doubles
     * @throws IllegalArgumentException if shapes differ or a label is out of its range
     */
    public static HeadObjective logistic(Records records) {
        double[][] labels = matrix("labels", records.all().getLabels(0));
        for (double[] label : labels) {
            if (label.length != 1) {
                throw new IllegalArgumentException("a logistic head must have 1 label, got " + label.length);
            }
        }
        return HeadObjective.logistic(
                        matrix("features", records.all().getFeatures(0)),
                        Arrays.stream(labels).mapToDouble(label -> label[0]).toArray())
                .withIds(records.ids().stream().toArray());
    }

    /**
     * Softmax regression; the records keep their ids.
     *
     * @param records features [records, inputs], labels [records, outputs], distributions; copied as doubles
     * @throws IllegalArgumentException if shapes differ or a label is none
     */
    public static HeadObjective softmax(Records records) {
        return HeadObjective.softmax(
                        matrix("features", records.all().getFeatures(0)),
                        matrix("labels", records.all().getLabels(0)))
                .withIds(records.ids().stream().toArray());
    }

    private static double[][] matrix(String what, INDArray rows) {
        if (rows.rank() != 2) {
            throw new IllegalArgumentException(
                    what + " must be [records, width], got shape " + Arrays.toString(rows.shape()));
        }
        return rows.castTo(DataType.DOUBLE).toDoubleMatrix();
    }
}
