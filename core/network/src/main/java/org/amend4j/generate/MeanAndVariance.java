/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** (x − m) / √(var x + ε) · g + b, mean and variance in double precision (Ba et al., arXiv 1607.06450). */
final class MeanAndVariance implements Normalization {

    private final float[] gain;
    private final float[] bias;
    private final double epsilon;

    /**
     * Keeps the arrays.
     *
     * @param gain g
     * @param bias b
     * @param epsilon ε, > 0
     */
    MeanAndVariance(float[] gain, float[] bias, double epsilon) {
        this.gain = gain;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    @Override
    public void apply(float[] x, float[] to) {
        double sum = 0;
        for (int i = 0; i < gain.length; i++) {
            sum += x[i];
        }
        double mean = sum / gain.length;
        double squares = 0;
        for (int i = 0; i < gain.length; i++) {
            double difference = x[i] - mean;
            squares += difference * difference;
        }
        double factor = 1 / Math.sqrt(squares / gain.length + epsilon);
        for (int i = 0; i < gain.length; i++) {
            to[i] = (float) ((x[i] - mean) * factor);
        }
        Loops.multiply(to, gain, gain.length);
        Loops.add(to, bias, gain.length);
    }
}
