package org.amend4j.examples.cli;

import java.util.List;
import org.amend4j.examples.forget.Settings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a model that forgets learns, and what its releases must keep to. */
final class LearningOptions {

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

    @Option(names = "--steps", paramLabel = "T", required = true, description = "Steps of plain gradient descent.")
    private int steps;

    @Option(names = "--step-size", paramLabel = "ETA", required = true, description = "Size of every step.")
    private double stepSize;

    @Option(
            names = "--weight-decay",
            paramLabel = "LAMBDA",
            defaultValue = "0",
            description =
                    "Of (LAMBDA/2)·|theta|^2 (default: ${DEFAULT-VALUE}). With it a convex head forgets by itself.")
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
                    "full; epochs:S, every owner's records at one secret step out of S; or keyed:P, every record with"
                            + " probability P (default: ${DEFAULT-VALUE}).")
    private String batches = "";

    @Option(
            names = "--checkpoints",
            paramLabel = "SCHEDULE",
            defaultValue = "every:10",
            description = "every:K, geometric:F or ends (default: ${DEFAULT-VALUE}).")
    private String checkpoints = "";

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
            description =
                    "Of all releases together, for the model and hence for every person, at the same delta; then only"
                            + " exact ways are left. It cannot be changed later (default: no limit).")
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
     * As settings.
     *
     * @param model SHA-256 of the network
     * @param what learns, in words
     * @throws IllegalArgumentException if a value breaks its rule
     */
    Settings settings(String model, String what) {
        return new Settings(
                Settings.VERSION,
                new Settings.Table(label, owner, classes, scaling.of()),
                new Settings.Training(steps, stepSize, weightDecay, plannedRecords, batches, checkpoints),
                new Settings.Limits(featureRadius, clip, parameterRadius, layerRadius, bothFactors, ignoreUpdater),
                new Settings.Promise(epsilon, delta, largestSigma, acceptAssumptions, lifetimeEpsilon),
                new Settings.Origin(model, what, "", "", ""));
    }
}
