/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/** How a gradient estimate becomes a step of ascent. */
public sealed interface Optimizer extends Identified {

    /** Begins, with nothing remembered. */
    Memory begin(int dimension);

    /** What is remembered between steps. */
    interface Memory {

        /**
         * Takes one step uphill.
         *
         * @param theta [dimension], changed
         * @param gradient [dimension], only read
         * @param rate η
         */
        void ascendInPlace(double[] theta, double[] gradient, double rate);

        /** Adds what is remembered. */
        void save(TrainingState state);

        /** Remembers what was saved. */
        void restore(TrainingState state);
    }

    /**
     * θ ← θ + η v, v ← μ v + g.
     *
     * @param momentum μ, in [0, 1); 0 for plain stochastic gradient ascent
     */
    record Sgd(double momentum) implements Optimizer {

        public Sgd {
            if (!(momentum >= 0 && momentum < 1)) {
                throw new IllegalArgumentException("momentum must be in [0, 1), got " + momentum);
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Sgd").with("momentum", momentum);
        }

        @Override
        public Memory begin(int dimension) {
            return new Velocity(momentum, dimension);
        }
    }

    /**
     * Kingma and Ba, "Adam" (2015), Algorithm 1: m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g²,
     * θ ← θ + η m̂/(√v̂ + ε) with m̂ = m/(1 - β₁ᵗ) and v̂ = v/(1 - β₂ᵗ).
     *
     * @param beta1 in (0, 1)
     * @param beta2 in (0, 1)
     * @param epsilon > 0
     */
    @RecordBuilder
    record Adam(double beta1, double beta2, double epsilon) implements Optimizer, OptimizerAdamBuilder.With {

        /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, as in the paper. */
        public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

        public Adam {
            Checks.insideUnit("beta1", beta1);
            Checks.insideUnit("beta2", beta2);
            Checks.positive("epsilon", epsilon);
        }

        @Override
        public Facts facts() {
            return Facts.of("Adam").with("beta1", beta1).with("beta2", beta2).with("epsilon", epsilon);
        }

        @Override
        public Memory begin(int dimension) {
            return new Moments(this, dimension);
        }
    }

    /**
     * Tieleman and Hinton, "Lecture 6.5 - RMSprop" (2012), as PyTorch has it: v ← αv + (1 - α)g², θ ← θ + η g/(√v + ε). v begins
     * with 0 and is not corrected for that: the first step of a coordinate is η/√(1 - α).
     *
     * @param decay α, in (0, 1)
     * @param epsilon > 0
     */
    @RecordBuilder
    record RmsProp(double decay, double epsilon) implements Optimizer, OptimizerRmsPropBuilder.With {

        /** α = 0.99, ε = 1e-5, as the A2C of Stable-Baselines3 has them. */
        public static final RmsProp DEFAULT = new RmsProp(0.99, 1e-5);

        public RmsProp {
            Checks.insideUnit("decay", decay);
            Checks.positive("epsilon", epsilon);
        }

        @Override
        public Facts facts() {
            return Facts.of("RmsProp").with("decay", decay).with("epsilon", epsilon);
        }

        @Override
        public Memory begin(int dimension) {
            return new Squares(this, dimension);
        }
    }

    /** Memory of {@link Sgd}. */
    final class Velocity implements Memory {

        private final double momentum;
        private final double[] velocity;

        private Velocity(double momentum, int dimension) {
            this.momentum = momentum;
            velocity = new double[dimension];
        }

        @Override
        public void ascendInPlace(double[] theta, double[] gradient, double rate) {
            for (int i = 0; i < velocity.length; i++) {
                velocity[i] = momentum * velocity[i] + gradient[i];
                theta[i] += rate * velocity[i];
            }
        }

        @Override
        public void save(TrainingState state) {
            state.put("sgd.velocity", velocity);
        }

        @Override
        public void restore(TrainingState state) {
            System.arraycopy(state.get("sgd.velocity", velocity.length), 0, velocity, 0, velocity.length);
        }
    }

    /** Memory of {@link RmsProp}. */
    final class Squares implements Memory {

        private final RmsProp rule;
        private final double[] mean;

        private Squares(RmsProp rule, int dimension) {
            this.rule = rule;
            mean = new double[dimension];
        }

        @Override
        public void ascendInPlace(double[] theta, double[] gradient, double rate) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] = rule.decay * mean[i] + (1 - rule.decay) * gradient[i] * gradient[i];
                theta[i] += rate * gradient[i] / (Math.sqrt(mean[i]) + rule.epsilon);
            }
        }

        @Override
        public void save(TrainingState state) {
            state.put("rmsprop.squares", mean);
        }

        @Override
        public void restore(TrainingState state) {
            System.arraycopy(state.get("rmsprop.squares", mean.length), 0, mean, 0, mean.length);
        }
    }

    /** Memory of {@link Adam}. */
    final class Moments implements Memory {

        private final Adam rule;
        private final double[] first;
        private final double[] second;
        private long steps;

        private Moments(Adam rule, int dimension) {
            this.rule = rule;
            first = new double[dimension];
            second = new double[dimension];
        }

        @Override
        public void ascendInPlace(double[] theta, double[] gradient, double rate) {
            steps++;
            double firstBias = 1 - StrictMath.pow(rule.beta1, (double) steps);
            double secondBias = 1 - StrictMath.pow(rule.beta2, (double) steps);
            for (int i = 0; i < first.length; i++) {
                first[i] = rule.beta1 * first[i] + (1 - rule.beta1) * gradient[i];
                second[i] = rule.beta2 * second[i] + (1 - rule.beta2) * gradient[i] * gradient[i];
                theta[i] += rate * (first[i] / firstBias) / (Math.sqrt(second[i] / secondBias) + rule.epsilon);
            }
        }

        @Override
        public void save(TrainingState state) {
            state.putIntegers("adam.steps", steps);
            state.put("adam.first", first);
            state.put("adam.second", second);
        }

        @Override
        public void restore(TrainingState state) {
            double[] m = state.get("adam.first", first.length);
            double[] v = state.get("adam.second", second.length);
            steps = state.getIntegers("adam.steps", 1)[0];
            System.arraycopy(m, 0, first, 0, first.length);
            System.arraycopy(v, 0, second, 0, second.length);
        }
    }
}
