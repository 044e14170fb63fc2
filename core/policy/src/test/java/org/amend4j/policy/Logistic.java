/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.random.SplitMix64;

/**
 * A distribution that is not the library's: one logistic number, whose place comes from the network and whose scale is trained.
 *
 * @param scale what the scale begins with
 */
public record Logistic(double scale) implements ActionDistribution {

    public Logistic {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("scale must be > 0, got " + scale);
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("Logistic").with("scale", scale);
    }

    @Override
    public int outputs() {
        return 1;
    }

    @Override
    public int actionSize() {
        return 1;
    }

    @Override
    public int freeParameters() {
        return 1;
    }

    @Override
    public double[] initialFree() {
        return new double[] {Math.log(scale)};
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!(actionSpace instanceof Space.Box) || actionSpace.size() != 1) {
            throw new IllegalArgumentException("a logistic policy needs a box of one number, got " + actionSpace);
        }
    }

    private static double standardised(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        return (actions[actionAt] - outputs[at]) * Math.exp(-free[0]);
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        double x = Math.abs(standardised(outputs, at, free, actions, actionAt));
        return -x - free[0] - 2 * Math.log1p(Math.exp(-x));
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        double u = random.nextDouble();
        double action = outputs[at] + Math.exp(free[0]) * (Math.log(u) - Math.log1p(-u));
        if (!Double.isFinite(action)) {
            throw new ArithmeticException("an action must be finite, got place " + outputs[at]);
        }
        actions[actionAt] = action;
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        actions[actionAt] = outputs[at];
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        return free[0] + 2;
    }

    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        double x = standardised(outputs, at, free, actions, actionAt);
        into.addByOutput(at, weight * Math.tanh(x / 2) * Math.exp(-free[0]));
        into.addByFree(0, weight * (x * Math.tanh(x / 2) - 1));
    }

    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        into.addByFree(0, weight);
    }
}
