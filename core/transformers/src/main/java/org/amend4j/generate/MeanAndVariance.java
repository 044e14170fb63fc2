/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Map;

/** (x − m) / √(var x + ε) · g + b, mean and variance in double precision (Ba et al., arXiv 1607.06450). */
final class MeanAndVariance implements Normalization {

    private final String module;
    private final float[] gain;
    private final float[] bias;
    private final double epsilon;

    /**
     * Keeps the arrays.
     *
     * @param module its path in the model, by which adapters name it
     * @param gain g
     * @param bias b
     * @param epsilon ε, > 0
     */
    MeanAndVariance(String module, float[] gain, float[] bias, double epsilon) {
        this.module = module;
        this.gain = gain;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    float[] gain() {
        return gain;
    }

    float[] ownBias() {
        return bias;
    }

    double epsilon() {
        return epsilon;
    }

    @Override
    public void apply(Row[] rows, float[][] x, float[][] to) {
        for (int row = 0; row < rows.length; row++) {
            apply(x[row], to[row], rows[row].sequence().biasOfNorm(module).orElse(bias));
        }
    }

    @Override
    public Map<String, float[]> bias() {
        return Map.of(module, bias);
    }

    private void apply(float[] x, float[] to, float[] added) {
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
        Loops.add(to, added, gain.length);
    }
}
