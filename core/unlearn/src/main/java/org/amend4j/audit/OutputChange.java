/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;

/** How far each record's probabilities moved between two models. */
final class OutputChange {

    private OutputChange() {}

    /** {@code ‖p_before - p_after‖₂} of each record; the rows of both in the same order and of the same length. */
    static double[] of(double[][] before, double[][] after) {
        if (before.length != after.length || before[0].length != after[0].length) {
            throw new IllegalArgumentException("both models must give the same records as many probabilities, got "
                    + before.length + " records by " + before[0].length + " and " + after.length + " by "
                    + after[0].length);
        }
        double[] change = new double[before.length];
        Arrays.setAll(change, i -> distance(before[i], after[i]));
        return change;
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int j = 0; j < a.length; j++) {
            squares += (a[j] - b[j]) * (a[j] - b[j]);
        }
        return Math.sqrt(squares);
    }
}
