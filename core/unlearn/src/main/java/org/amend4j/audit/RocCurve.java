/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * The ROC curve of an attack by a score: at every threshold, the share of members above it against that of the others. Scores that tie
 * are taken together, which makes a slanted piece where members and others tie; so the area below is {@link Auc#of}. Immutable.
 */
public final class RocCurve {

    private final double[] falsePositiveRates;
    private final double[] truePositiveRates;

    private RocCurve(double[] falsePositiveRates, double[] truePositiveRates) {
        this.falsePositiveRates = falsePositiveRates;
        this.truePositiveRates = truePositiveRates;
    }

    /**
     * The curve from no subject above the threshold to all of them; each score belongs to one subject.
     *
     * @param members at least two finite scores, which should be high
     * @param others at least two finite scores
     */
    public static RocCurve of(double[] members, double[] others) {
        Auc.check(members, others);
        double[] thresholds = DoubleStream.concat(Arrays.stream(members), Arrays.stream(others))
                .map(score -> score + 0.0) // -0 ties with 0
                .distinct()
                .sorted()
                .toArray();
        int steps = thresholds.length;
        double[] x = new double[steps + 1];
        double[] y = new double[steps + 1];
        double[] sortedMembers = Arrays.stream(members).sorted().toArray();
        double[] sortedOthers = Arrays.stream(others).sorted().toArray();
        for (int k = 1; k <= steps; k++) {
            double threshold = thresholds[steps - k];
            x[k] = Placements.shareFrom(sortedOthers, threshold);
            y[k] = Placements.shareFrom(sortedMembers, threshold);
        }
        return new RocCurve(x, y);
    }

    /** Shares of the others above the thresholds, from 0 to 1; a copy. */
    public double[] falsePositiveRates() {
        return falsePositiveRates.clone();
    }

    /** Shares of the members above the same thresholds, from 0 to 1; a copy. */
    public double[] truePositiveRates() {
        return truePositiveRates.clone();
    }
}
