/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.List;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.FragmentRows.Played;
import org.amend4j.rollout.FragmentRows.Position;
import org.amend4j.rollout.FragmentRows.Settings;

/** The next steps of a batch of rows. */
sealed interface FragmentBatch extends Batch<FragmentBatch.Result> {

    /**
     * What was played.
     *
     * @param after where the rows stand then; empty if they are the ones that were asked
     */
    record Result(Played played, List<Position> after) implements Serializable {}

    /**
     * A batch of this process's rows, which it moves; sent elsewhere it becomes {@link Away}.
     *
     * @param rows the rows that take the steps
     * @param steps of each row
     * @param actions seed
     */
    record Here(FragmentGroup rows, int steps, long actions) implements FragmentBatch {

        @Override
        public Result play(EnvironmentPool player, Policy policy) {
            return new Result(rows.here(player.task()).play(policy, steps, actions), List.of());
        }

        private Object writeReplace() {
            return new Away(rows.settings(), rows.position(), steps, actions);
        }
    }

    /**
     * Of rows that are placed where they are played.
     *
     * @param settings theirs
     * @param position where they stand; none if they are to begin
     * @param steps of each row
     * @param actions seed
     */
    record Away(Settings settings, List<Position> position, int steps, long actions) implements FragmentBatch {

        @Override
        public Result play(EnvironmentPool player, Policy policy) {
            FragmentRows rows = new FragmentRows(player.exactly(settings.rows()), settings);
            position.stream().findFirst().ifPresentOrElse(rows::restore, rows::begin);
            Played played = rows.play(policy, steps, actions);
            return new Result(played, List.of(rows.position()));
        }
    }
}
