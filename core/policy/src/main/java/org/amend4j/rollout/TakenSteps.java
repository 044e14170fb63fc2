/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import org.amend4j.policy.Decisions;

/**
 * Steps taken by a policy, segment after segment: observations, actions and rewards.
 *
 * @param decisions rows in the segments' order; its lengths are the segments'
 * @param rewards [rows]
 * @param logProbabilities of the actions under the policy that took them, [rows]
 * @param segments in the order of the rows, covering all of them
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record TakenSteps(Decisions decisions, double[] rewards, double[] logProbabilities, List<Segment> segments) {

    public TakenSteps {
        segments = List.copyOf(segments);
    }

    /** Number of steps. */
    public int rows() {
        return decisions.rows();
    }
}
