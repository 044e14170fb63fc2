package org.amend4j.examples.cli;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.lora.LoraConfig;
import org.amend4j.lora.Targets;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which layers are adapted, and how. */
final class LoraOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--targets",
            paramLabel = "LAYER",
            split = ",",
            description = "Layers to adapt: names, one /regular expression/ over whole names, or all-linear (default)."
                    + " 'none' trains only --train-in-full.")
    private List<String> targets = List.of("all-linear");

    @Option(names = "--exclude", paramLabel = "LAYER", split = ",", description = "Layers that get no adapter.")
    private List<String> exclude = List.of();

    @Option(
            names = "--train-in-full",
            paramLabel = "LAYER",
            split = ",",
            description = "Layers whose own weights are trained, such as a new output layer.")
    private List<String> trainInFull = List.of();

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "8",
            description = "Rank of the adapters (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            defaultValue = "16",
            description = "Numerator of the scaling alpha/rank (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(names = "--rslora", description = "Scale by alpha/sqrt(rank).")
    private boolean rsLora;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            description = "Probability with which an adapter's input is dropped in training (default: 0).")
    private double dropout;

    /** The first of these options that was given, if any. */
    Optional<String> given() {
        return command.commandLine().getParseResult().matchedOptions().stream()
                .filter(option ->
                        option.userObject() instanceof Field field && field.getDeclaringClass() == LoraOptions.class)
                .map(OptionSpec::longestName)
                .findFirst();
    }

    /**
     * The configuration.
     *
     * @throws BadInputException if a value breaks its rule
     */
    LoraConfig config() {
        try {
            return LoraConfig.of(rank, alpha)
                    .withRsLora(rsLora)
                    .withDropout(dropout)
                    .withTrainedInFull(trainInFull.toArray(String[]::new))
                    .withExclusions(exclude.toArray(String[]::new))
                    .withTargets(parsed());
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private Targets parsed() {
        String first = targets.get(0);
        // A regular expression may hold commas, which picocli took for separators.
        String whole = String.join(",", targets);
        if (whole.length() > 2 && whole.startsWith("/") && whole.endsWith("/")) {
            return Targets.regex(whole.substring(1, whole.length() - 1));
        }
        if (targets.size() == 1 && first.equalsIgnoreCase("all-linear")) {
            return Targets.allLinear();
        }
        if (targets.size() == 1 && first.equalsIgnoreCase("none")) {
            return Targets.names();
        }
        return Targets.names(targets.toArray(String[]::new));
    }
}
