/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;

/**
 * DeLong's structural components, as integers: twice the number of scores of the other class that a score exceeds, ties
 * counting one half.
 */
final class Placements {

    private Placements() {}

    /** For each score, the number of those below plus the number of those not above. */
    static long[] doubled(double[] scores, double[] among) {
        double[] sorted = among.clone();
        Arrays.sort(sorted);
        long[] doubled = new long[scores.length];
        for (int i = 0; i < scores.length; i++) {
            doubled[i] = (long) count(sorted, scores[i], false) + count(sorted, scores[i], true);
        }
        return doubled;
    }

    /** The share of scores that are not below a value; O(log n). */
    static double shareFrom(double[] sorted, double value) {
        return (double) (sorted.length - count(sorted, value, false)) / sorted.length;
    }

    /** Mean of the components: the area under the curve. */
    static double area(long[] doubled, int among) {
        return Arrays.stream(doubled).sum() / (2.0 * among * doubled.length);
    }

    /** Variance of the mean of the components, from their spread. */
    static double variance(long[] doubled, int among, double mean) {
        double squares = 0;
        for (long twice : doubled) {
            double difference = twice / (2.0 * among) - mean;
            squares += difference * difference;
        }
        return squares / ((doubled.length - 1.0) * doubled.length);
    }

    /** How many are below a value, or not above it; compares by value, so that 0 and -0 tie. */
    private static int count(double[] sorted, double value, boolean orEqual) {
        int from = 0;
        int to = sorted.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (sorted[middle] < value || (orEqual && sorted[middle] == value)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
