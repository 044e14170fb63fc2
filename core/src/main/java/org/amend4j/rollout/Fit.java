package org.amend4j.rollout;

import org.amend4j.environment.Space;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;

/** Whether a policy and an environment belong together; and rows of inputs from observations. */
final class Fit {

    private Fit() {}

    /** @throws IllegalArgumentException if the policy's inputs or actions are not the environment's */
    static void require(Policy policy, Space observations, Space actions) {
        policy.distribution().requireFor(actions);
        int wanted = ObservationEncoder.of(observations).size();
        if (policy.encoder().size() != wanted) {
            throw new IllegalArgumentException("the policy must have an input per number of an observation, " + wanted
                    + " for " + observations + ", got " + policy.encoder().size());
        }
    }

    /**
     * The encoded observation.
     *
     * @throws ArithmeticException if it is not finite
     */
    static double[] encode(Policy policy, double[] observation, int row, int step) {
        double[] input = new double[policy.encoder().size()];
        encode(policy, observation, row, step, input, 0);
        return input;
    }

    static void encode(Policy policy, double[] observation, int row, int step, double[] inputs, int at) {
        for (double number : observation) {
            if (!Double.isFinite(number)) {
                throw new ArithmeticException(
                        "observations must be finite, got " + number + " (row " + row + ", step " + step + ")");
            }
        }
        policy.encoder().encode(observation, inputs, at);
    }
}
