package org.amend4j.examples.cli;

import java.util.List;
import org.amend4j.examples.forget.Settings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a table is read, and what the releases of a model trained elsewhere must keep to. */
final class AdoptionOptions {

    @Option(
            names = {"--label", "--labels"},
            paramLabel = "COLUMN",
            defaultValue = "-1",
            description = "The class's column, by name or number from 0 (default: ${DEFAULT-VALUE}, the last).")
    private String label = "";

    @Option(
            names = "--owner",
            paramLabel = "COLUMN",
            defaultValue = "",
            description =
                    "The column that says whose a row is, who may ask to be forgotten (default: every row is somebody,"
                            + " named by its number from 1).")
    private String owner = "";

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            split = ",",
            description = "The classes in the order of the model's outputs (default: those found in the data).")
    private List<String> classes = List.of();

    @Mixin
    private ScalingOptions scaling = new ScalingOptions();

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

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            defaultValue = "1",
            description = "Of one release; smaller is stricter (default: ${DEFAULT-VALUE}).")
    private double epsilon;

    @Option(
            names = "--delta",
            paramLabel = "D",
            defaultValue = "1e-6",
            description = "Of one release; well below one over the number of records (default: ${DEFAULT-VALUE}).")
    private double delta;

    @Option(
            names = "--lifetime-epsilon",
            paramLabel = "E",
            defaultValue = "0",
            description = "Of all releases together, for everybody ever forgotten, at --delta (default: no limit).")
    private double lifetimeEpsilon;

    @Option(
            names = "--largest-sigma",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "The most noise per parameter that the model tolerates; set it (default: any the planner admits).")
    private double largestSigma;

    @Option(
            names = "--accept-assumptions",
            description =
                    "Let certificates rest on what is not proved, such as the rounding of networks nobody has analysed;"
                            + " they say so.")
    private boolean acceptAssumptions;

    /**
     * As settings whose training is still to be read off a recipe.
     *
     * @throws IllegalArgumentException if a value breaks its rule
     */
    Settings settings() {
        return new Settings(
                Settings.VERSION,
                new Settings.Table(label, owner, classes, scaling.of()),
                new Settings.Training(1, 1, 0, 1, "full", checkpoints),
                new Settings.Limits(featureRadius, 0, parameterRadius, layerRadius, false, ignoreUpdater),
                new Settings.Promise(epsilon, delta, largestSigma, acceptAssumptions, lifetimeEpsilon),
                new Settings.Origin("", "", "", "", ""));
    }
}
