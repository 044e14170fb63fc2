/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.SavedPolicy;

/** Plays episodes with a saved policy. */
public final class EvalJob {

    private EvalJob() {}

    /**
     * Plays.
     *
     * @throws BadInputException if there is no such policy, or it cannot play there
     */
    public static Report run(PolicyAt policy, int episodes, double gamma, long seed, Progress progress) {
        SavedPolicy saved = policy.open();
        EnvironmentSpec spec = policy.environmentOf(saved);
        EpisodeScores scores;
        try (Progress.Stage stage = progress.stage("evaluation", EpisodeScores.steps(spec, episodes))) {
            scores = EpisodeScores.of(saved.policy(), spec, episodes, gamma, seed, stage::step);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
        Facts facts =
                new Facts(policy.folder().toString(), spec.id(), saved.environment(), gamma, seed, scores.facts());
        return new Report(facts, spec.id() + System.lineSeparator() + scores.text()).saying(scores.sentence(spec.id()));
    }

    private record Facts(
            String policy,
            String environment,
            String madeFor,
            double gamma,
            long seed,
            @JsonUnwrapped EpisodeScores.Facts scores) {}
}
