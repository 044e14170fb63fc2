/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.identity.Facts;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;

/** Environments and networks that make visible what a collector does. */
final class Toys {

    private Toys() {}

    static Policy policy(int inputs, int actions, long seed) {
        return new Policy(
                Approximators.random(List.of(new DenseShape(inputs, actions, true, DenseActivation.IDENTITY)), 1, seed),
                new Categorical(actions),
                new ObservationEncoder.AsIs(inputs));
    }

    /** An episode counts its steps; it lasts 1 or 9 steps, by the seed's last bit of a mix. */
    static class Counter implements Environment {

        private int length;
        private int steps;

        static int length(long seed) {
            return (Long.bitCount(seed) & 1) == 0 ? 1 : 9;
        }

        @Override
        public Space observationSpace() {
            return new Space.Box(new double[] {-100}, new double[] {100});
        }

        @Override
        public Space actionSpace() {
            return new Space.Discrete(2);
        }

        @Override
        public double[] reset(long seed) {
            length = length(seed);
            steps = 0;
            return new double[] {0};
        }

        @Override
        public StepResult step(double... action) {
            steps++;
            return new StepResult(new double[] {observation(steps)}, reward(steps), steps == length, false);
        }

        double observation(int step) {
            return step;
        }

        double reward(int step) {
            return step;
        }
    }

    /** A network that says it has a memory. */
    static final class Recurrent implements Approximator {

        private final Approximator stateless =
                Approximators.zero(List.of(new DenseShape(1, 2, true, DenseActivation.IDENTITY)));

        @Override
        public Facts facts() {
            return Facts.of("Recurrent");
        }

        @Override
        public int inputs() {
            return 1;
        }

        @Override
        public int outputs() {
            return 2;
        }

        @Override
        public int dimension() {
            return stateless.dimension();
        }

        @Override
        public double[] parameters() {
            return stateless.parameters();
        }

        @Override
        public void setParameters(double[] theta) {
            stateless.setParameters(theta);
        }

        @Override
        public Precision precision() {
            return Precision.DOUBLE;
        }

        @Override
        public boolean recurrent() {
            return true;
        }

        @Override
        public Pass forward(double[] inputs, int[] lengths) {
            return stateless.forward(inputs, lengths);
        }

        @Override
        public Stepper stepper(int rows) {
            return stateless.stepper(rows);
        }
    }
}
