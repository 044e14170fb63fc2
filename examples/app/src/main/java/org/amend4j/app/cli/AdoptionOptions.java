/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.app.forget.ForgettingSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a table is read, and what the releases of a model trained elsewhere must keep to. */
final class AdoptionOptions {

    @Mixin
    private TableOptions table = new TableOptions();

    @Option(
            names = "--checkpoints",
            paramLabel = "SCHEDULE",
            defaultValue = "every:10",
            description = "Which points of the replay are kept besides the known ones: every:K, geometric:F or ends"
                    + " (default: ${DEFAULT-VALUE}).")
    private String checkpoints = "";

    @Option(
            names = "--feature-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "A public bound of the norm of every row's features, which is checked.")
    private double featureRadius;

    @Option(
            names = "--parameter-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "A ball that the trained parameters, all together, never left.")
    private double parameterRadius;

    @Option(
            names = "--layer-radius",
            paramLabel = "R",
            defaultValue = "0",
            description = "Balls that the weights of every layer, and its bias, never left (smooth networks).")
    private double layerRadius;

    @Option(names = "--ignore-updater", description = "Overlook an updater with state, such as Adam: descent is plain.")
    private boolean ignoreUpdater;

    @Mixin
    private PromiseOptions promise = new PromiseOptions();

    /**
     * The settings; their training is still to be read from a recipe.
     *
     * @throws IllegalArgumentException if a value breaks its rule
     */
    ForgettingSettings settings() {
        return settings(new ForgettingSettings.Training(1, 1, 0, 1, "full", checkpoints), "", "");
    }

    /**
     * The settings.
     *
     * @param model SHA-256 of the network
     * @param what learns, in words
     * @throws IllegalArgumentException if a value breaks its rule
     */
    ForgettingSettings settings(ForgettingSettings.Training training, String model, String what) {
        return new ForgettingSettings(
                ForgettingSettings.VERSION,
                table.table(),
                training,
                new ForgettingSettings.Limits(featureRadius, 0, parameterRadius, layerRadius, false, ignoreUpdater),
                promise.promise(),
                new ForgettingSettings.Origin(model, what));
    }
}
