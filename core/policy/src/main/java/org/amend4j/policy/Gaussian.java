/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Independent normal numbers: means from the network, standard deviations the same in every state. Actions are not bounded;
 * the environment gets the nearest one of its box ({@link SquashedGaussian} stays inside). Their scores are not bounded
 * either, so that theory for bounded scores does not cover this policy.
 *
 * @param logDeviations logarithms of the standard deviations, or their initial values, [size of an action]
 * @param trained whether they are parameters
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record Gaussian(double[] logDeviations, boolean trained) implements ActionDistribution {

    private static final double HALF_LOG_2_PI = 0.5 * Math.log(2 * Math.PI);

    public Gaussian {
        Checks.atLeast(1, "numbers of an action", logDeviations.length);
        for (double logDeviation : logDeviations) {
            Checks.finite("log standard deviation", logDeviation);
        }
        logDeviations = logDeviations.clone();
    }

    /** Fixed standard deviations, one for each number of an action. */
    public static Gaussian fixed(double... deviations) {
        return new Gaussian(logarithms(deviations), false);
    }

    /** Trained standard deviations, which begin with these. */
    public static Gaussian trained(double... deviations) {
        return new Gaussian(logarithms(deviations), true);
    }

    private static double[] logarithms(double[] deviations) {
        return Arrays.stream(deviations)
                .map(deviation -> Math.log(Checks.positive("standard deviation", deviation)))
                .toArray();
    }

    @Override
    public Facts facts() {
        return Facts.of("Gaussian").with("logDeviations", logDeviations).with("trained", trained);
    }

    @Override
    public double[] logDeviations() {
        return logDeviations.clone();
    }

    @Override
    public int outputs() {
        return logDeviations.length;
    }

    @Override
    public int actionSize() {
        return logDeviations.length;
    }

    @Override
    public int freeParameters() {
        return trained ? logDeviations.length : 0;
    }

    @Override
    public double[] initialFree() {
        return trained ? logDeviations.clone() : new double[0];
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!(actionSpace instanceof Space.Box) || actionSpace.size() != logDeviations.length) {
            throw new IllegalArgumentException("a Gaussian policy of " + logDeviations.length
                    + " numbers needs a box of as many, got " + actionSpace);
        }
    }

    double logDeviation(double[] free, int i) {
        return trained ? free[i] : logDeviations[i];
    }

    /** (a - μ)/σ. */
    private double standardised(double[] outputs, int at, double[] free, double[] actions, int actionAt, int i) {
        return (actions[actionAt + i] - outputs[at + i]) * Math.exp(-logDeviation(free, i));
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        double sum = 0;
        for (int i = 0; i < logDeviations.length; i++) {
            double z = standardised(outputs, at, free, actions, actionAt, i);
            sum -= z * z / 2 + logDeviation(free, i) + HALF_LOG_2_PI;
        }
        return sum;
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        for (int i = 0; i < logDeviations.length; i++) {
            double action = outputs[at + i] + Math.exp(logDeviation(free, i)) * random.nextGaussian();
            if (!Double.isFinite(action)) {
                throw new ArithmeticException("an action must be finite, got mean " + outputs[at + i]
                        + " and log standard deviation " + logDeviation(free, i));
            }
            actions[actionAt + i] = action;
        }
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        System.arraycopy(outputs, at, actions, actionAt, logDeviations.length);
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        double sum = 0;
        for (int i = 0; i < logDeviations.length; i++) {
            sum += logDeviation(free, i) + HALF_LOG_2_PI + 0.5;
        }
        return sum;
    }

    /** ∂log π(a)/∂μ = z/σ and ∂log π(a)/∂log σ = z² - 1, of z = (a - μ)/σ. */
    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        for (int i = 0; i < logDeviations.length; i++) {
            double z = standardised(outputs, at, free, actions, actionAt, i);
            into.addByOutput(at + i, weight * z * Math.exp(-logDeviation(free, i)));
            if (trained) {
                into.addByFree(i, weight * (z * z - 1));
            }
        }
    }

    /** ∂H/∂log σ = 1; the means have no influence. */
    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        for (int i = 0; i < freeParameters(); i++) {
            into.addByFree(i, weight);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Gaussian that
                && trained == that.trained
                && Arrays.equals(logDeviations, that.logDeviations);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(logDeviations) + Boolean.hashCode(trained);
    }

    @Override
    public String toString() {
        return "Gaussian[logDeviations=" + Arrays.toString(logDeviations) + ", trained=" + trained + "]";
    }
}
