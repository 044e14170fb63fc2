/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.SavedPolicy;

/** Plays episodes with a saved policy. */
public final class EvalJob {

    private EvalJob() {}

    /**
     * Plays.
     *
     * @param film where an episode is to be shown, if it is
     * @throws BadInputException if there is no such policy, or it cannot play there
     */
    public static Report run(
            PolicyAt policy, int episodes, double gamma, long seed, Optional<Path> film, Progress progress)
            throws IOException {
        SavedPolicy saved = policy.open();
        EnvironmentSpec spec = policy.environmentOf(saved);
        film.ifPresent(file -> FilmedEpisode.require(file, spec));
        Optional<FilmedEpisode> filmed = Optional.empty();
        EpisodeScores scores;
        try {
            if (film.isPresent()) {
                filmed = Optional.of(
                        FilmedEpisode.play(film.get(), saved.policy(), spec, policy.surroundings(), seed, progress));
            }
            scores = played(saved, spec, episodes, gamma, seed, progress);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
        Facts facts = new Facts(
                policy.folder().toString(), spec.id(), saved.environment(), gamma, seed, scores.facts(), filmed);
        String text = filmed.map(one -> System.lineSeparator() + one.text()).orElse("");
        return new Report(facts, spec.id() + System.lineSeparator() + scores.text() + text)
                .saying(scores.sentence(spec.id()));
    }

    private static EpisodeScores played(
            SavedPolicy saved, EnvironmentSpec spec, int episodes, double gamma, long seed, Progress progress) {
        try (Progress.Stage stage = progress.stage("evaluation", EpisodeScores.steps(spec, episodes))) {
            return EpisodeScores.of(saved.policy(), spec, episodes, gamma, seed, stage::step);
        }
    }

    private record Facts(
            String policy,
            String environment,
            String madeFor,
            double gamma,
            long seed,
            @JsonUnwrapped EpisodeScores.Facts scores,
            Optional<FilmedEpisode> film) {}
}
