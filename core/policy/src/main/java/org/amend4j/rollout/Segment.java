/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

/**
 * Consecutive steps of one episode, or of a part of one.
 *
 * @param begin index of the first step in its {@link TakenSteps}
 * @param length number of steps, at least 1
 * @param time t of the first step: 0 if the segment begins with the episode
 * @param terminated the decision process ended with the last step: no value lies beyond
 * @param truncated a time limit cut the episode off at the last step: value does lie beyond, unless also terminated
 * @param successor encoded observation of the state after the last step, before any reset
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record Segment(int begin, int length, int time, boolean terminated, boolean truncated, double[] successor) {

    /** Index after the last step. */
    public int end() {
        return begin + length;
    }
}
