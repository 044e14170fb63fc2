/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** x / √(mean x² + ε) · g, the root mean square in double precision (Zhang and Sennrich, arXiv 1910.07467). */
final class RowNormalization {

    private final float[] gain;
    private final double epsilon;

    /**
     * Keeps the array.
     *
     * @param gain g
     * @param epsilon ε, > 0
     */
    RowNormalization(float[] gain, double epsilon) {
        this.gain = gain;
        this.epsilon = epsilon;
    }

    /** to = the normalised row. */
    void apply(float[] x, float[] to) {
        double squares = 0;
        for (int i = 0; i < gain.length; i++) {
            squares += (double) x[i] * x[i];
        }
        float factor = (float) (1 / Math.sqrt(squares / gain.length + epsilon));
        for (int i = 0; i < gain.length; i++) {
            to[i] = x[i] * factor;
        }
        Loops.multiply(to, gain, gain.length);
    }
}
