/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.network.Activation;

/** What the host's kernels do with a row of floats, in place and in an array of Java. A row's bytes depend on nothing beside it. */
public final class FloatRows {

    private static final FloatLoops LANES = FloatLoops.ONLY;

    private FloatRows() {}

    /** row = act(row); a NaN stays one. */
    public static void activate(Activation activation, float[] row) {
        LANES.activate(activation, row, row.length);
    }

    /** The first n become exp(x − max x); their sum, added up in double. */
    public static double exponentials(float[] x, int n) {
        LANES.exp(x, LANES.greatest(x, 0, n), n);
        return LANES.sum(x, 0, n);
    }

    /** row = gain ∘ row/√(mean row² + ε), the root mean square in double (Zhang and Sennrich, arXiv 1910.07467). */
    public static void divideByRootMeanSquare(float[] row, float[] gain, double epsilon) {
        NormalisedRows.divide(LANES, row, gain.length, epsilon);
        LANES.multiply(row, gain, gain.length);
    }

    /** row = gain ∘ (row − m)/√(mean (row − m)² + ε) + bias with the mean m, moments in double (Ba et al., arXiv 1607.06450). */
    public static void normalise(float[] row, float[] gain, float[] bias, double epsilon) {
        NormalisedRows.takeMeanOff(LANES, row, gain.length);
        divideByRootMeanSquare(row, gain, epsilon);
        LANES.add(row, bias, gain.length);
    }
}
