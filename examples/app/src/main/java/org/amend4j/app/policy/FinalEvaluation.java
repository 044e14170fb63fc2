/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;

/** Plays new episodes with the policies that a training ends with, if these are wanted, and says how far it is. */
final class FinalEvaluation implements AutoCloseable {

    private final TrainSettings settings;
    private final Seeds seeds;
    private final int episodes;
    private final Progress.Stage stage;

    /** @param policies how many will be evaluated */
    FinalEvaluation(TrainSettings settings, Seeds seeds, int policies, Progress progress) {
        this.settings = settings;
        this.seeds = seeds;
        episodes = settings.evaluation().atEnd();
        stage = progress.stage(
                "seed " + seeds.root() + ", evaluation",
                Math.max(1, policies * EpisodeScores.steps(settings.environment(), episodes)));
    }

    /** Scores of a policy, over the same episodes as all others'; none if none are wanted. */
    Optional<EpisodeScores> of(Policy policy) {
        return episodes == 0
                ? Optional.empty()
                : Optional.of(EpisodeScores.of(
                        policy,
                        settings.environment(),
                        episodes,
                        settings.config().gamma(),
                        seeds.seed(Purpose.EVALUATION, 0),
                        stage::step));
    }

    @Override
    public void close() {
        stage.close();
    }
}
