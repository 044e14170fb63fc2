/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** x / √(mean x² + ε) · g, the root mean square in double precision (Zhang and Sennrich, arXiv 1910.07467), of rows or of parts of them. */
final class RootMeanSquare implements Normalization {

    private final float[] gain;
    private final double epsilon;

    /**
     * Keeps the array.
     *
     * @param gain g
     * @param epsilon ε, > 0
     */
    RootMeanSquare(float[] gain, double epsilon) {
        this.gain = gain;
        this.epsilon = epsilon;
    }

    float[] gain() {
        return gain;
    }

    double epsilon() {
        return epsilon;
    }

    @Override
    public void apply(Row[] rows, float[][] x, float[][] to) {
        for (int row = 0; row < rows.length; row++) {
            apply(x[row], to[row]);
        }
    }

    private void apply(float[] x, float[] to) {
        float factor = factor(x);
        for (int i = 0; i < gain.length; i++) {
            to[i] = x[i] * factor;
        }
        Loops.multiply(to, gain, gain.length);
    }

    /** Normalises the parts of a row where they are, as many as gains fit in. */
    void applyToParts(float[] row) {
        float[] part = new float[gain.length];
        for (int at = 0; at < row.length; at += part.length) {
            System.arraycopy(row, at, part, 0, part.length);
            apply(part, part);
            System.arraycopy(part, 0, row, at, part.length);
        }
    }

    private float factor(float[] x) {
        double squares = 0;
        for (int i = 0; i < gain.length; i++) {
            squares += (double) x[i] * x[i];
        }
        return (float) (1 / Math.sqrt(squares / gain.length + epsilon));
    }
}
