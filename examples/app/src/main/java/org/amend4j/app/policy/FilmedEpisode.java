/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.bridge.GymnasiumEnvironments;
import org.amend4j.bridge.GymnasiumPicture;
import org.amend4j.bridge.GymnasiumProcess;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.ForwardingEnvironment;
import org.amend4j.environment.StepResult;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.PolicyScores;
import org.amend4j.rollout.Task;

/**
 * The episode that most likely actions make, as a film of what Gymnasium shows.
 *
 * @param file where it is
 * @param pictures of the first state and after each step, or as many of them as a film has
 * @param perSecond as the environment says
 * @param mean the episode's return
 * @param length the episode's steps, those that the film leaves out among them
 */
record FilmedEpisode(
        String file,
        int pictures,
        double perSecond,
        @JsonProperty("return") double mean,
        double length) {

    /** A hundred seconds of most environments. Longer films would fill disks: a picture may take 100 kB. */
    static final int MOST_PICTURES = 5_000;

    /** Where an environment does not say; Gymnasium's own films have as many. */
    private static final double USUAL_PER_SECOND = 30;

    private static final String ENDING = ".png";

    /** @throws BadInputException if no film can get this name, or the environment shows nothing */
    static void require(Path film, EnvironmentSpec spec) {
        if (!film.toString().endsWith(ENDING)) {
            throw new BadInputException("--record must end in " + ENDING + ", got " + film);
        }
        Destination.somethingNew("--record", film);
        if (!GymnasiumEnvironments.isOne(spec.id())) {
            throw new BadInputException("--record needs an environment of Gymnasium (--env gymnasium:ID), got "
                    + spec.id() + ", which has no pictures");
        }
    }

    /**
     * Plays.
     *
     * @param spec what {@link #require} allows
     * @param seed as {@link PolicyScores} takes it: its first episode begins like this one
     */
    static FilmedEpisode play(
            Path film, Policy policy, EnvironmentSpec spec, Surroundings surroundings, long seed, Progress progress)
            throws IOException {
        EnvironmentSpec ending = EnvironmentIds.forEvaluation(spec);
        int limit = ending.timeLimit().orElseThrow();
        FilmedEpisode[] filmed = new FilmedEpisode[1];
        WholeFile.write(film, temporary -> {
            try (GymnasiumProcess process = surroundings.withPictures(ending.id());
                    AnimatedPng png = new AnimatedPng(
                            temporary, process.picturesPerSecond().orElse(USUAL_PER_SECOND));
                    Progress.Stage stage = progress.stage("film", -1)) {
                Environment shown = new Shown(process, png, stage);
                Task task =
                        new Task(ending.id(), rows -> EnvironmentBatch.of(rows, () -> shown), OptionalInt.of(limit));
                PolicyScores scores = PolicyScores.of(policy, task, 1, true, 1, limit, seed);
                png.finish();
                stage.finish();
                filmed[0] = new FilmedEpisode(
                        film.toString(),
                        png.pictures(),
                        process.picturesPerSecond().orElse(USUAL_PER_SECOND),
                        scores.mean(),
                        scores.length());
            } catch (UncheckedIOException failed) {
                throw failed.getCause();
            }
        });
        return filmed[0];
    }

    /** An environment of which each state becomes a picture. */
    private static final class Shown extends ForwardingEnvironment {

        private final GymnasiumProcess process;
        private final AnimatedPng png;
        private final Progress.Stage stage;

        Shown(GymnasiumProcess process, AnimatedPng png, Progress.Stage stage) {
            super(process.environment(0));
            this.process = process;
            this.png = png;
            this.stage = stage;
        }

        @Override
        public double[] reset(long seed) {
            double[] first = super.reset(seed);
            show();
            return first;
        }

        @Override
        public StepResult step(double... action) {
            StepResult step = super.step(action);
            show();
            return step;
        }

        private void show() {
            if (png.pictures() == MOST_PICTURES) {
                return;
            }
            GymnasiumPicture picture = process.picture(0);
            try {
                png.add(picture.height(), picture.width(), picture.rgb());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            stage.step(1);
        }
    }

    /** One line. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%s: the first episode with most likely actions, return %.2f: %d pictures, %.3g s%s",
                file,
                mean,
                pictures,
                pictures / perSecond,
                pictures <= length
                        ? String.format(
                                Locale.ROOT,
                                " (a film has at most %d pictures, this episode %.0f)",
                                MOST_PICTURES,
                                length + 1)
                        : "");
    }
}
