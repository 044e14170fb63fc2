/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

/** What random numbers are drawn for. Purposes are independent: more draws for one change no draw for another. */
public enum Purpose {
    /** The policy's first parameters. */
    POLICY(1),
    /** Starts and outcomes of environments. */
    ENVIRONMENT(2),
    /** Actions. */
    ACTIONS(3),
    /** The order of mini-batches. */
    MINIBATCHES(4),
    /** The chain that a critic learns on: environment and actions. */
    CRITIC(5),
    /** How long an actor walks before it looks. */
    TIMES(6),
    /** Noise added to parameters. */
    NOISE(7),
    /** Trajectories for reports about a policy. */
    DIAGNOSTICS(8),
    /** Episodes for scores of a policy. */
    EVALUATION(9),
    /** Episodes that a policy is evaluated with while it is trained. */
    PERIODIC_EVALUATION(10);

    private final int number;

    Purpose(int number) {
        this.number = number;
    }

    /** Different for each, and the same for ever: seeds depend on it. */
    int number() {
        return number;
    }
}
