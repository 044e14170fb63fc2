/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;

/**
 * Subtracts from each number of an observation its running mean and divides by its running deviation, as Gymnasium's
 * NormalizeObservation: (x - mean)/√(variance + 1e-8); then clips to ±10. Statistics only change in {@link #learn}, so
 * that all rows collected together are encoded alike. They belong to the policy: save them with it.
 */
public final class NormalisingEncoder implements ObservationEncoder {

    private static final double EPSILON = 1e-8;
    private static final double FIRST_COUNT = 1e-4;
    private static final double FARTHEST = 10;

    private final double[] mean;
    private final double[] variance;
    private double count = FIRST_COUNT;

    /**
     * Begins with mean 0, variance 1 and the weight of 1e-4 observations.
     *
     * @param size numbers of an observation, at least 1
     */
    public NormalisingEncoder(int size) {
        mean = new double[Checks.atLeast(1, "numbers of an observation", size)];
        variance = new double[size];
        Arrays.fill(variance, 1);
    }

    @Override
    public Facts facts() {
        return Facts.of("NormalisingEncoder").with("size", mean.length);
    }

    @Override
    public int observationSize() {
        return mean.length;
    }

    @Override
    public int size() {
        return mean.length;
    }

    @Override
    public void encode(double[] observation, double[] inputs, int at) {
        for (int i = 0; i < mean.length; i++) {
            double scaled = (observation[i] - mean[i]) / Math.sqrt(variance[i] + EPSILON);
            inputs[at + i] = Math.max(-FARTHEST, Math.min(FARTHEST, scaled));
        }
    }

    @Override
    public void requireFor(Space observationSpace) {
        if (observationSpace instanceof Space.Discrete || observationSpace.size() != mean.length) {
            throw new IllegalArgumentException("a policy that normalises " + mean.length
                    + " numbers needs as many numbers of an observation, got " + observationSpace);
        }
    }

    @Override
    public boolean learns() {
        return true;
    }

    /** By Chan, Golub and LeVeque (1979). */
    @Override
    public void learn(double[] observations) {
        int n = Checks.atLeast(1, "number of observations", observations.length / mean.length);
        double total = count + n;
        for (int i = 0; i < mean.length; i++) {
            double batchMean = 0;
            for (int row = 0; row < n; row++) {
                batchMean += observations[row * mean.length + i] / n;
            }
            double squares = 0;
            for (int row = 0; row < n; row++) {
                double distance = observations[row * mean.length + i] - batchMean;
                squares += distance * distance;
            }
            double apart = batchMean - mean[i];
            variance[i] = (variance[i] * count + squares + apart * apart * count * n / total) / total;
            mean[i] += apart * n / total;
        }
        count = total;
    }

    /** Count, means, variances, [1 + 2 · size]. */
    @Override
    public double[] statistics() {
        double[] all = new double[1 + 2 * mean.length];
        all[0] = count;
        System.arraycopy(mean, 0, all, 1, mean.length);
        System.arraycopy(variance, 0, all, 1 + mean.length, mean.length);
        return all;
    }

    @Override
    public void setStatistics(double[] statistics) {
        Vectors.requireLength("statistics", statistics, 1 + 2 * mean.length);
        Checks.positive("count", statistics[0]);
        for (int i = 0; i < mean.length; i++) {
            Checks.finite("mean", statistics[1 + i]);
            Checks.notNegative("variance", statistics[1 + mean.length + i]);
        }
        count = statistics[0];
        System.arraycopy(statistics, 1, mean, 0, mean.length);
        System.arraycopy(statistics, 1 + mean.length, variance, 0, mean.length);
    }

    @Override
    public NormalisingEncoder copy() {
        NormalisingEncoder copy = new NormalisingEncoder(mean.length);
        copy.setStatistics(statistics());
        return copy;
    }

    /** What it does; not what it knows. */
    @Override
    public String toString() {
        return facts().text();
    }
}
