/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.HashMap;
import java.util.Map;
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
    private final long steps;
    private final Map<Learned, EpisodeScores> known = new HashMap<>();

    /** @param policies how many will be evaluated */
    FinalEvaluation(TrainSettings settings, Seeds seeds, int policies, Progress progress) {
        this.settings = settings;
        this.seeds = seeds;
        episodes = settings.evaluation().atEnd();
        steps = EpisodeScores.steps(settings.environment(), episodes);
        stage = progress.stage("seed " + seeds.root() + ", evaluation", Math.max(1, policies * steps));
    }

    /** Scores of a policy, over the same episodes as all others'; none if none are wanted. What has played does not play again. */
    Optional<EpisodeScores> of(Policy policy) {
        if (episodes == 0) {
            return Optional.empty();
        }
        Learned learned = new Learned(policy);
        if (known.containsKey(learned)) {
            stage.step(steps);
        }
        return Optional.of(known.computeIfAbsent(learned, one -> played(policy)));
    }

    private EpisodeScores played(Policy policy) {
        return EpisodeScores.of(
                policy,
                settings.environment(),
                episodes,
                settings.config().gamma(),
                seeds.seed(Purpose.EVALUATION, 0),
                stage::step);
    }

    @Override
    public void close() {
        stage.close();
    }
}
