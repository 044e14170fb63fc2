/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;

/**
 * The next n steps of every row of a {@link FragmentCollector}.
 *
 * @param steps row after row; a segment ends with an episode or with the fragment
 * @param ended episodes that ended meanwhile, batch after batch, in order of their steps, then rows; with the environment's own rewards
 */
public record RolloutSegment(TakenSteps steps, List<EpisodeSummary> ended) {

    public RolloutSegment {
        ended = List.copyOf(ended);
    }
}
