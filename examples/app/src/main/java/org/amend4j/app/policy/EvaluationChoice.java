/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Optional;
import org.amend4j.algorithm.PeriodicEvaluation;

/**
 * When a training's policies are evaluated.
 *
 * @param along on the way, if at all
 * @param atEnd new episodes of the trained policy, as many with drawn as with most likely actions; none if 0
 */
public record EvaluationChoice(Optional<PeriodicEvaluation.Config> along, int atEnd) {

    /** Episodes at the end unless told otherwise: a mean return counts as solved over so many. */
    public static final int EPISODES = 100;

    /** At the end only. */
    static final EvaluationChoice USUAL = new EvaluationChoice(Optional.empty(), EPISODES);
}
