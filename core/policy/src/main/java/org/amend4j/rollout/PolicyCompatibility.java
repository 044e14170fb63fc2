/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.Arrays;
import org.amend4j.environment.Space;
import org.amend4j.policy.Policy;

/** Checks that a policy and an environment fit together, and encodes observations as rows of inputs. */
final class PolicyCompatibility {

    private PolicyCompatibility() {}

    /** @throws IllegalArgumentException if the policy's inputs or actions are not the environment's */
    static void require(Policy policy, Space observations, Space actions) {
        policy.distribution().requireFor(actions);
        policy.encoder().requireFor(observations);
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
        policy.encoder().encode(finite(observation, row, step), inputs, at);
    }

    /** @throws ArithmeticException if an observation is not finite */
    static double[] finite(double[] observation, int row, int step) {
        for (double number : observation) {
            if (!Double.isFinite(number)) {
                throw new ArithmeticException(
                        "observations must be finite, got " + number + " (row " + row + ", step " + step + ")");
            }
        }
        return observation;
    }

    /** @throws ArithmeticException if a reward is not finite */
    static void requireFinite(double reward, int row, int step) {
        if (!Double.isFinite(reward)) {
            throw new ArithmeticException(
                    "rewards must be finite, got " + reward + " (row " + row + ", step " + step + ")");
        }
    }

    /** What environments get of the actions that a policy chose: the nearest points of the space. Learners keep what was chosen. */
    static double[][] sent(Space space, double[][] actions) {
        double[][] sent = new double[actions.length][];
        Arrays.setAll(sent, row -> space.nearest(actions[row]));
        return sent;
    }

    /**
     * Masks one after the other; none if none of the rows has one.
     *
     * @throws IllegalStateException if rows have masks of different lengths
     */
    static boolean[] masks(boolean[][] masks) {
        int flags = masks[0].length;
        boolean[] all = new boolean[masks.length * flags];
        for (int i = 0; i < masks.length; i++) {
            if (masks[i].length != flags) {
                throw new IllegalStateException("environments must have masks of one length in every state, got "
                        + flags + " and " + masks[i].length);
            }
            System.arraycopy(masks[i], 0, all, i * flags, flags);
        }
        return all;
    }
}
