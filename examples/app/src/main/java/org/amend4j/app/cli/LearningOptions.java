/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.app.forget.ForgettingSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a model that forgets learns, and what its releases must keep to. */
final class LearningOptions {

    @Mixin
    private TableOptions table = new TableOptions();

    @Option(names = "--steps", paramLabel = "T", description = "Steps of plain gradient descent.")
    private @Nullable Integer steps;

    @Option(names = "--step-size", paramLabel = "ETA", description = "Size of every step.")
    private @Nullable Double stepSize;

    @Option(
            names = "--until-gradient",
            paramLabel = "G",
            description =
                    "In place of --steps and --step-size: Newton steps until the norm of the gradient is at most G, a number or"
                            + " 'default'. For convex losses with --weight-decay. Deletions then take seconds, in any number"
                            + " and chosen in any way, with little noise.")
    private @Nullable String untilGradient;

    @Option(
            names = "--weight-decay",
            paramLabel = "LAMBDA",
            defaultValue = "0",
            description =
                    "Of (LAMBDA/2)·|theta|^2 (default: ${DEFAULT-VALUE}). With it the influence of old steps decays in a convex head.")
    private double weightDecay;

    @Option(
            names = "--planned-records",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Sums over records are divided for this many, a public number at least as large as the table (default:"
                            + " derived from the table, which every certificate then begins with).")
    private int plannedRecords;

    @Option(
            names = "--batches",
            paramLabel = "SCHEDULE",
            defaultValue = "full",
            description =
                    "full; epochs:S, every subject's records at one secret step out of S; or keyed:P, every record with"
                            + " probability P (default: ${DEFAULT-VALUE}).")
    private String batches = "";

    @Option(
            names = "--checkpoints",
            paramLabel = "SCHEDULE",
            defaultValue = "every:10",
            description = "every:K, geometric:F or ends (default: ${DEFAULT-VALUE}).")
    private String checkpoints = "";

    @Option(
            names = "--block-size",
            paramLabel = "N",
            description =
                    "Add gradients up in blocks of N rows, by the rows' numbers, in an order that any number of computers"
                            + " keeps: the run can go on elsewhere with the same bits (default: all rows together; "
                            + MasterOption.BLOCK_SIZE + " with --master).")
    private @Nullable Integer blockSize;

    @Option(
            names = "--feature-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "A public bound of the norm of every row's features, which is checked.")
    private double featureRadius;

    @Option(
            names = "--clip",
            paramLabel = "C",
            defaultValue = "0",
            description = "Clip every record's gradient to this norm; makes any network admissible, with much noise.")
    private double clip;

    @Option(
            names = "--parameter-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "Keep all trained parameters together in a ball.")
    private double parameterRadius;

    @Option(
            names = "--layer-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "Keep the weights of every layer in a ball, and its bias in another (smooth networks).")
    private double layerRadius;

    @Option(names = "--both-factors", description = "Train A of an adapter as well as B; needs --parameter-radius.")
    private boolean bothFactors;

    @Option(names = "--ignore-updater", description = "Overlook an updater with state, such as Adam: descent is plain.")
    private boolean ignoreUpdater;

    @Mixin
    private PromiseOptions promise = new PromiseOptions();

    /**
     * As settings.
     *
     * @param model SHA-256 of the network
     * @param what learns, in words
     * @param master where it is trained
     * @throws IllegalArgumentException if a value breaks its rule
     */
    ForgettingSettings settings(String model, String what, MasterOption master) {
        return new ForgettingSettings(
                ForgettingSettings.VERSION,
                table.table(),
                training().inBlocksOf(master.blockSize(blockSize)),
                new ForgettingSettings.Limits(
                        featureRadius, clip, parameterRadius, layerRadius, bothFactors, ignoreUpdater),
                promise.promise(),
                new ForgettingSettings.Origin(model, what));
    }

    private ForgettingSettings.Training training() {
        if (untilGradient != null) {
            requireNone("--steps", steps);
            requireNone("--step-size", stepSize);
            if (!batches.equals("full")) {
                throw new IllegalArgumentException(
                        "--until-gradient is about all records at once: --batches must be full, got " + batches);
            }
            return ForgettingSettings.Training.untilGradient(untilGradient, weightDecay, plannedRecords);
        }
        return new ForgettingSettings.Training(
                required("--steps", steps),
                required("--step-size", stepSize),
                weightDecay,
                plannedRecords,
                batches,
                checkpoints);
    }

    private static void requireNone(String option, @Nullable Object value) {
        if (value != null) {
            throw new IllegalArgumentException(
                    "--until-gradient makes as many steps as it takes: leave " + option + " out");
        }
    }

    private static <T> T required(String option, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(
                    option + " is missing: give --steps and --step-size, or --until-gradient for a convex head");
        }
        return value;
    }
}
