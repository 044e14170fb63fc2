/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.random.SplitMix64;

/**
 * A stochastic policy π_θ(a|s): the first outputs of a network describe a distribution over actions. If the network has one additional
 * output, it is a critic's value V(s), with a shared body.
 *
 * <p>θ is the network's parameter vector followed by the distribution's free parameters. Not thread-safe.
 */
public final class Policy {

    private final Approximator network;
    private final ActionDistribution distribution;
    private final ObservationEncoder encoder;
    private final double[] free;

    /**
     * @throws IllegalArgumentException if the network's inputs are not the encoder's numbers, or its outputs not the
     *     distribution's, with at most one more
     */
    public Policy(Approximator network, ActionDistribution distribution, ObservationEncoder encoder) {
        if (network.inputs() != encoder.size()) {
            throw new IllegalArgumentException("the network must have as many inputs as an observation has numbers, "
                    + encoder.size() + ", got " + network.inputs());
        }
        int extra = network.outputs() - distribution.outputs();
        if (extra != 0 && extra != 1) {
            throw new IllegalArgumentException("the network must have " + distribution.outputs()
                    + " outputs, or one more for a value, got " + network.outputs());
        }
        this.network = network;
        this.distribution = distribution;
        this.encoder = encoder;
        this.free = distribution.initialFree();
    }

    public Approximator network() {
        return network;
    }

    public ActionDistribution distribution() {
        return distribution;
    }

    public ObservationEncoder encoder() {
        return encoder;
    }

    /** Whether the network's last output is a value. */
    public boolean hasValue() {
        return network.outputs() > distribution.outputs();
    }

    /** Length of θ. */
    public int dimension() {
        return network.dimension() + free.length;
    }

    /** θ, a copy. */
    public double[] parameters() {
        double[] theta = new double[dimension()];
        System.arraycopy(network.parameters(), 0, theta, 0, network.dimension());
        System.arraycopy(free, 0, theta, network.dimension(), free.length);
        return theta;
    }

    /**
     * Replaces θ.
     *
     * @param theta [dimension]; only read
     * @throws IllegalArgumentException if the length is wrong or a number is not finite; nothing has changed then
     */
    public void setParameters(double[] theta) {
        Vectors.requireLength("theta", theta, dimension());
        double[] ofNetwork = Arrays.copyOf(theta, network.dimension());
        for (int i = ofNetwork.length; i < theta.length; i++) {
            Checks.finite("parameters", theta[i]);
        }
        network.setParameters(ofNetwork); // or refuses, with nothing changed up to here
        System.arraycopy(theta, ofNetwork.length, free, 0, free.length);
    }

    /**
     * What was chosen in some rows.
     *
     * @param actions [rows][size of an action]
     * @param logProbabilities [rows]
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    public record Chosen(double[][] actions, double[] logProbabilities) {}

    /**
     * Chooses actions from outputs of the network.
     *
     * @param outputs [rows · outputs of the network]; masked in place
     * @param allowed [rows · flags of the distribution], or empty
     * @param greedy the distribution's mode instead of a drawn action
     * @param random used for all rows, in turn
     */
    public Chosen choose(double[] outputs, boolean[] allowed, boolean greedy, SplitMix64 random) {
        int stride = network.outputs();
        int rows = outputs.length / stride;
        double[][] actions = new double[rows][distribution.actionSize()];
        double[] logProbabilities = new double[rows];
        maskInPlace(outputs, allowed);
        for (int row = 0; row < rows; row++) {
            if (greedy) {
                distribution.mode(outputs, row * stride, free, actions[row], 0);
            } else {
                distribution.sample(outputs, row * stride, free, random, actions[row], 0);
            }
            logProbabilities[row] = distribution.logProbability(outputs, row * stride, free, actions[row], 0);
        }
        return new Chosen(actions, logProbabilities);
    }

    /** Evaluates θ on decisions, and keeps what their gradients need until the next use of the network. */
    public Evaluation evaluate(Decisions decisions) {
        Approximator.Pass pass = network.forward(decisions.inputs(), decisions.lengths());
        double[] outputs = pass.outputs();
        maskInPlace(outputs, decisions.allowed());
        return new Evaluation(decisions, pass, outputs);
    }

    private void maskInPlace(double[] outputs, boolean[] allowed) {
        if (allowed.length == 0) {
            return;
        }
        int flags = distribution.flags();
        if (flags == 0) {
            throw new IllegalArgumentException("action masks need a categorical policy, got " + distribution);
        }
        int stride = network.outputs();
        for (int row = 0; row * flags < allowed.length; row++) {
            distribution.maskInPlace(outputs, row * stride, allowed, row * flags);
        }
    }

    /** Log-probabilities, entropies and values of decisions under θ, and sums of their gradients. */
    public final class Evaluation {

        private final Decisions decisions;
        private final Approximator.Pass pass;
        private final double[] outputs;
        private final int stride = network.outputs();

        private Evaluation(Decisions decisions, Approximator.Pass pass, double[] outputs) {
            this.decisions = decisions;
            this.pass = pass;
            this.outputs = outputs;
        }

        /** log π_θ(a|s), [rows]. */
        public double[] logProbabilities() {
            int size = distribution.actionSize();
            double[] result = new double[decisions.rows()];
            for (int row = 0; row < result.length; row++) {
                result[row] = distribution.logProbability(outputs, row * stride, free, decisions.actions(), row * size);
            }
            return result;
        }

        /** H(π_θ(·|s)), [rows]. */
        public double[] entropies() {
            double[] result = new double[decisions.rows()];
            for (int row = 0; row < result.length; row++) {
                result[row] = distribution.entropy(outputs, row * stride, free);
            }
            return result;
        }

        /**
         * V_θ(s), [rows].
         *
         * @throws IllegalStateException if the network has no value output
         */
        public double[] values() {
            requireValue();
            double[] result = new double[decisions.rows()];
            for (int row = 0; row < result.length; row++) {
                result[row] = outputs[row * stride + stride - 1];
            }
            return result;
        }

        /**
         * Σ_rows w ∇log π(a|s) + e ∇H(π(·|s)) + v ∇V(s), by one backward pass; at most once.
         *
         * @param scoreWeights w, [rows]
         * @param entropyWeights e, [rows], or empty for none
         * @param valueWeights v, [rows], or empty for none
         * @return [dimension], the receiver's own
         * @throws ArithmeticException if the sum is not finite
         */
        public double[] gradient(double[] scoreWeights, double[] entropyWeights, double[] valueWeights) {
            int size = distribution.actionSize();
            double[] gradient = new double[dimension()];
            double[] derivatives = new double[outputs.length];
            Derivatives into = new Derivatives(derivatives, gradient, network.dimension());
            for (int row = 0; row < decisions.rows(); row++) {
                int at = row * stride;
                distribution.addScore(scoreWeights[row], outputs, at, free, decisions.actions(), row * size, into);
                if (entropyWeights.length > 0) {
                    distribution.addEntropyGradient(entropyWeights[row], outputs, at, free, into);
                }
                if (valueWeights.length > 0) {
                    requireValue();
                    derivatives[at + stride - 1] += valueWeights[row];
                }
            }
            pass.backward(derivatives, gradient);
            return gradient;
        }

        private void requireValue() {
            if (!hasValue()) {
                throw new IllegalStateException("the policy's network has no value output");
            }
        }
    }
}
