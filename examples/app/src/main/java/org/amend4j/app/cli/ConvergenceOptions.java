/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.app.forget.ForgettingSettings;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the head of a model that something else trained is learned anew, until its gradient is small. */
final class ConvergenceOptions {

    /** How a model is taken over. */
    enum Method {
        /** Its recipe is replayed and compared. */
        REPLAY,
        /** Its convex head is learned anew until the gradient is small; how it was trained does not matter. */
        CONVERGE
    }

    @Option(
            names = "--method",
            defaultValue = "replay",
            description =
                    "${COMPLETION-CANDIDATES}: replay the recipe and compare; or learn a convex head anew until its gradient is"
                            + " small, which needs no recipe: how the model was trained does not matter then"
                            + " (default: ${DEFAULT-VALUE}).")
    private Method method = Method.REPLAY;

    @Option(
            names = "--weight-decay",
            paramLabel = "LAMBDA",
            description = "With converge: of (LAMBDA/2)·|theta|^2, above 0.")
    private @Nullable Double weightDecay;

    @Option(
            names = "--planned-records",
            paramLabel = "N",
            description =
                    "With converge: sums over records are divided for this many, a public number at least as large as the table"
                            + " (default: derived from the table, which every certificate then begins with).")
    private @Nullable Integer plannedRecords;

    @Option(
            names = "--until-gradient",
            paramLabel = "G",
            description =
                    "With converge: the largest norm of the gradient, a number or 'default', which follows from public sizes"
                            + " (default: default).")
    private @Nullable String untilGradient;

    @Option(
            names = "--public-base",
            description =
                    "With converge and --train head: the layers below were trained without the records of the table, as those of a"
                            + " published model. Without it every certificate begins with what they may have learned.")
    private boolean publicBase;

    boolean converges() {
        return method == Method.CONVERGE;
    }

    /**
     * How the head is learned.
     *
     * @param ofReplay options of the other method that were given, which say nothing here
     */
    ForgettingSettings.Training training(List<String> ofReplay) {
        if (!ofReplay.isEmpty()) {
            throw new BadInputException(
                    String.join(", ", ofReplay)
                            + " cannot go with --method converge, which replays nothing: how the model was trained does not matter");
        }
        if (weightDecay == null) {
            throw new BadInputException("--method converge needs --weight-decay, a public number above 0");
        }
        return ForgettingSettings.Training.untilGradient(
                untilGradient == null ? "default" : untilGradient,
                weightDecay,
                plannedRecords == null ? 0 : plannedRecords);
    }

    /** What learns, in words. */
    String what(boolean head) {
        return ForgettingSettings.Origin.converged(head, publicBase);
    }

    /** Refuses what says nothing about a replay. */
    void requireReplay() {
        List<String> given = Stream.of(
                        weightDecay == null ? "" : "--weight-decay",
                        plannedRecords == null ? "" : "--planned-records",
                        untilGradient == null ? "" : "--until-gradient",
                        publicBase ? "--public-base" : "")
                .filter(name -> !name.isEmpty())
                .toList();
        if (!given.isEmpty()) {
            throw new BadInputException(
                    String.join(", ", given) + ": the recipe has it already; it goes with --method converge");
        }
    }
}
