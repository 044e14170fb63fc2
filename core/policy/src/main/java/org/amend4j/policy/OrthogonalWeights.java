/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.random.SplitMix64;

/** Random weights that keep lengths: the shorter side's vectors are orthogonal and of one length (Saxe, McClelland and Ganguli 2014). */
final class OrthogonalWeights {

    private OrthogonalWeights() {}

    /**
     * W [inputs, outputs], column by column.
     *
     * @param gain length of the vectors
     */
    static double[] of(int inputs, int outputs, double gain, SplitMix64 random) {
        boolean wide = inputs <= outputs;
        double[][] vectors = orthonormal(Math.min(inputs, outputs), Math.max(inputs, outputs), random);
        double[] weights = new double[inputs * outputs];
        for (int in = 0; in < inputs; in++) {
            for (int out = 0; out < outputs; out++) {
                weights[out * inputs + in] = gain * (wide ? vectors[in][out] : vectors[out][in]);
            }
        }
        return weights;
    }

    /** By Gram and Schmidt, twice, as once is not enough for nearly dependent vectors. */
    private static double[][] orthonormal(int count, int length, SplitMix64 random) {
        double[][] vectors = new double[count][length];
        for (int i = 0; i < count; i++) {
            double[] vector = vectors[i];
            for (int j = 0; j < length; j++) {
                vector[j] = random.nextGaussian();
            }
            for (int k = 0; k < 2 * i; k++) {
                add(vector, -dot(vector, vectors[k % i]), vectors[k % i]);
            }
            add(vector, 1 / Math.sqrt(dot(vector, vector)) - 1, vector);
        }
        return vectors;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] other) {
        for (int j = 0; j < to.length; j++) {
            to[j] += factor * other[j];
        }
    }
}
