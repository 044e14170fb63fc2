/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Adam (Kingma and Ba 2015) in double, in either of its two forms: ε added to √v, as at the end of the paper's section 2,
 * or to √v̂, as in its Algorithm 1.
 */
final class PlainAdam {

    private final Map<String, double[]> parameters = new TreeMap<>();
    private final Map<String, double[]> first = new TreeMap<>();
    private final Map<String, double[]> second = new TreeMap<>();
    private final double learningRate;
    private final boolean algorithmOne;
    private int steps;

    PlainAdam(Map<String, float[]> start, double learningRate, boolean algorithmOne) {
        this.learningRate = learningRate;
        this.algorithmOne = algorithmOne;
        start.forEach((name, values) -> {
            double[] copy = new double[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
            }
            parameters.put(name, copy);
            first.put(name, new double[copy.length]);
            second.put(name, new double[copy.length]);
        });
    }

    void step(Map<String, float[]> gradients) {
        steps++;
        double firstWeight = 1 - Math.pow(UpdateRule.BETA1, steps);
        double root = Math.sqrt(1 - Math.pow(UpdateRule.BETA2, steps));
        double epsilon = UpdateRule.EPSILON * (algorithmOne ? root : 1);
        gradients.forEach((name, g) -> {
            double[] theta = Objects.requireNonNull(parameters.get(name));
            double[] m = Objects.requireNonNull(first.get(name));
            double[] v = Objects.requireNonNull(second.get(name));
            for (int i = 0; i < g.length; i++) {
                m[i] = UpdateRule.BETA1 * m[i] + (1 - UpdateRule.BETA1) * g[i];
                v[i] = UpdateRule.BETA2 * v[i] + (1 - UpdateRule.BETA2) * g[i] * g[i];
                theta[i] -= learningRate * root / firstWeight * m[i] / (Math.sqrt(v[i]) + epsilon);
            }
        });
    }

    Map<String, float[]> parameters() {
        Map<String, float[]> copies = new TreeMap<>();
        parameters.forEach((name, values) -> {
            float[] copy = new float[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = (float) values[i];
            }
            copies.put(name, copy);
        });
        return copies;
    }
}
