/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

/**
 * One step of a policy, and the action it takes next.
 *
 * @param input encoded observation of s
 * @param action a
 * @param reward r
 * @param terminated no value lies beyond
 * @param truncated a time limit ended the episode here: value does lie beyond, unless also terminated
 * @param nextInput encoded observation of s', before any reset
 * @param nextAction a', drawn in s'; meaningless if terminated
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record OnPolicyTransition(
        double[] input,
        double[] action,
        double reward,
        boolean terminated,
        boolean truncated,
        double[] nextInput,
        double[] nextAction) {

    /** Whether the next transition begins another episode. */
    public boolean ended() {
        return terminated || truncated;
    }
}
