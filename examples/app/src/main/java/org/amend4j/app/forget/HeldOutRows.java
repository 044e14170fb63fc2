/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Arrays;
import org.amend4j.objective.RecordIds;

/** Rows that a model was not trained on, and how well it ranks them. Immutable. */
public final class HeldOutRows {

    private final double[][] positives;
    private final double[][] negatives;

    private HeldOutRows(double[][] positives, double[][] negatives) {
        this.positives = positives;
        this.negatives = negatives;
    }

    static HeldOutRows of(RandHie data, RecordIds rows, int leastVisits) {
        return new HeldOutRows(with(data, rows, leastVisits, 1), with(data, rows, leastVisits, 0));
    }

    private static double[][] with(RandHie data, RecordIds rows, int leastVisits, double label) {
        return rows.stream()
                .mapToInt(Math::toIntExact)
                .filter(row -> data.label(row, leastVisits) == label)
                .mapToObj(data::features)
                .toArray(double[][]::new);
    }

    /** The number of rows. */
    public int size() {
        return positives.length + negatives.length;
    }

    /**
     * The area under the curve: the chance that a row with the label 1 scores above one with the label 0, ties counting half.
     *
     * @param theta a linear score
     */
    public double auc(double[] theta) {
        double[] high = scores(positives, theta);
        double[] low = scores(negatives, theta);
        long doubled = 0;
        int below = 0;
        int notAbove = 0;
        for (double score : high) {
            while (below < low.length && low[below] < score) {
                below++;
            }
            while (notAbove < low.length && low[notAbove] <= score) {
                notAbove++;
            }
            doubled += below + notAbove;
        }
        return doubled / (2.0 * high.length * low.length);
    }

    /** Ascending. */
    private static double[] scores(double[][] rows, double[] theta) {
        double[] scores = new double[rows.length];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < theta.length; i++) {
                scores[r] += theta[i] * rows[r][i];
            }
        }
        Arrays.sort(scores);
        return scores;
    }
}
