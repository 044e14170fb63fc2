/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.policy.Approximator;

/** A family of functions Q_w(s, a) within which a critic approximates the policy's action values. */
public sealed interface ActionValue extends Identified {

    /** Length of w, at least 1. */
    int dimension();

    /** w to begin with, the receiver's own. */
    double[] initial();

    /**
     * Q_w(s, a).
     *
     * @param w [dimension]
     * @param input encoded observation of s
     */
    double value(double[] w, double[] input, double[] action);

    /** Adds weight · ∂Q_w(s, a)/∂w. */
    void addGradientInPlace(double[] target, double weight, double[] w, double[] input, double[] action);

    /** Whether Q_w is linear in w, which the convergence of TD(0) rests on. */
    boolean linear();

    /**
     * A number per input and action: w[actions · i + a], Q = Σ_i w[actions · i + a] x_i. For one-hot observations that is a
     * table, which holds every Q exactly.
     *
     * @param inputs numbers of an encoded observation
     * @param actions number of actions
     */
    record PerAction(int inputs, int actions) implements ActionValue {

        public PerAction {
            Checks.atLeast(1, "inputs", inputs);
            Checks.atLeast(1, "actions", actions);
        }

        @Override
        public Facts facts() {
            return Facts.of("PerAction").with("inputs", inputs).with("actions", actions);
        }

        @Override
        public int dimension() {
            return Math.multiplyExact(inputs, actions);
        }

        @Override
        public double[] initial() {
            return new double[dimension()];
        }

        @Override
        public double value(double[] w, double[] input, double[] action) {
            double sum = 0;
            for (int i = 0; i < inputs; i++) {
                sum += w[actions * i + (int) action[0]] * input[i];
            }
            return sum;
        }

        @Override
        public void addGradientInPlace(double[] target, double weight, double[] w, double[] input, double[] action) {
            for (int i = 0; i < inputs; i++) {
                target[actions * i + (int) action[0]] += weight * input[i];
            }
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** Features φ(s, a) of one's own. */
    @FunctionalInterface
    interface Features {

        /** φ(s, a), always of the same length, from the encoded observation and the action; the receiver's own. */
        double[] of(double[] input, double[] action);
    }

    /**
     * Q = φ(s, a)ᵀw.
     *
     * @param name of φ: a run is only resumed with features of the same name, so others need another one
     * @param dimension length of φ
     */
    record Linear(String name, int dimension, Features features) implements ActionValue {

        public Linear {
            Facts.requireName("the name of features", name);
            Checks.atLeast(1, "number of features", dimension);
        }

        /** Runs from before there were names are resumed on trust. */
        @Override
        public Facts facts() {
            return Facts.of("Linear").with("dimension", dimension).since(2).with("features", name);
        }

        @Override
        public double[] initial() {
            return new double[dimension];
        }

        @Override
        public double value(double[] w, double[] input, double[] action) {
            double[] phi = phi(input, action);
            double sum = 0;
            for (int i = 0; i < dimension; i++) {
                sum += w[i] * phi[i];
            }
            return sum;
        }

        @Override
        public void addGradientInPlace(double[] target, double weight, double[] w, double[] input, double[] action) {
            double[] phi = phi(input, action);
            for (int i = 0; i < dimension; i++) {
                target[i] += weight * phi[i];
            }
        }

        private double[] phi(double[] input, double[] action) {
            double[] phi = features.of(input, action);
            Vectors.requireLength("features", phi, dimension);
            return phi;
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /**
     * A network with an output per action, for discrete actions. Semi-gradient TD(0) with it has no proof of convergence.
     *
     * @param approximator its parameters are overwritten; not shared
     */
    record Network(Approximator approximator) implements ActionValue {

        public Network {
            if (approximator.recurrent()) {
                throw new IllegalArgumentException("a critic's network must have no memory, got a recurrent one");
            }
        }

        @Override
        public int dimension() {
            return approximator.dimension();
        }

        @Override
        public double[] initial() {
            return approximator.parameters();
        }

        @Override
        public double value(double[] w, double[] input, double[] action) {
            approximator.setParameters(w);
            return approximator.forward(input, new int[] {1}).outputs()[(int) action[0]];
        }

        @Override
        public void addGradientInPlace(double[] target, double weight, double[] w, double[] input, double[] action) {
            double[] derivatives = new double[approximator.outputs()];
            derivatives[(int) action[0]] = weight;
            approximator.setParameters(w);
            approximator.forward(input, new int[] {1}).backward(derivatives, target);
        }

        @Override
        public boolean linear() {
            return false;
        }

        @Override
        public Facts facts() {
            return Facts.of("Network")
                    .with("inputs", approximator.inputs())
                    .with("outputs", approximator.outputs())
                    .with("parameters", approximator.dimension())
                    .since(2)
                    .with("approximator", approximator);
        }
    }
}
