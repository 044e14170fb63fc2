/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.ResolvedLoraConfig.Free;
import org.amend4j.lora.SettingNames;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which layers are adapted, and how. */
final class LoraOptions {

    /** What a refusal calls the settings. */
    static final SettingNames NAMES = new SettingNames(
            "--rank",
            "--rank-pattern",
            "--alpha-pattern",
            "--targets",
            "--targets none",
            "--exclude",
            "--train-in-full");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--targets",
            paramLabel = "LAYER",
            split = ",",
            description =
                    "Layers to adapt: names, one /regular expression/ over whole names, or all-linear, the dense layers"
                            + " that are not outputs (default: all-linear; convolutions where that finds none). 'none' trains"
                            + " only --train-in-full.")
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
            names = "--trainable-tokens",
            paramLabel = "LAYER=I,I,…",
            description =
                    "Tokens of an embedding, by number, whose vectors are trained beside the adapters; can be repeated.")
    private List<String> tokens = List.of();

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "8",
            description = "Rank of the adapters (default: ${DEFAULT-VALUE}, less where a layer's weight allows less).")
    private int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            defaultValue = "16",
            description = "Numerator of the scaling alpha/rank (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(
            names = "--rank-pattern",
            paramLabel = "REGEX=R",
            description = "Another rank for layers whose name, or its end after a dot, matches; can be repeated.")
    private List<String> rankPatterns = List.of();

    @Option(
            names = "--alpha-pattern",
            paramLabel = "REGEX=A",
            description = "Another alpha for such layers; can be repeated.")
    private List<String> alphaPatterns = List.of();

    @Option(names = "--rslora", description = "Scale by alpha/sqrt(rank).")
    private boolean rsLora;

    @Option(names = "--dora", description = "DoRA: a magnitude for every output, trained as PEFT trains it.")
    private boolean dora;

    @Option(
            names = "--bias",
            paramLabel = "MODE",
            defaultValue = "none",
            description = "Which biases train too: none, lora_only (those of adapted layers), all (default: none).")
    private String bias = "none";

    @Option(names = "--lora-bias", description = "A bias on the factor B.")
    private boolean biasOnB;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            description = "Probability with which an adapter's input is dropped in training (default: 0).")
    private double dropout;

    /** The first of these options that was given, if any. */
    Optional<String> given() {
        return allGiven().findFirst();
    }

    /** Of adapters of which nothing but this is asked; the first other option that was given is refused. */
    int rankAlone(String why) {
        allGiven().filter(option -> !option.equals("--rank")).findFirst().ifPresent(option -> {
            throw new BadInputException(option + " changes nothing: " + why);
        });
        return OptionRules.atLeast(1, "--rank", rank);
    }

    private Stream<String> allGiven() {
        return command.commandLine().getParseResult().matchedOptions().stream()
                .filter(option ->
                        option.userObject() instanceof Field field && field.getDeclaringClass() == LoraOptions.class)
                .map(OptionSpec::longestName);
    }

    /**
     * The configuration for a base model: what was not given is made to fit.
     *
     * @throws BadInputException if a value breaks its rule or does not fit, naming the option that helps
     */
    ResolvedLoraConfig fit(BaseModel base) {
        return fit(base, AdapterInit.DEFAULT);
    }

    /**
     * The same, with this start.
     *
     * @throws BadInputException if a value breaks its rule or does not fit, naming the option that helps
     */
    ResolvedLoraConfig fit(BaseModel base, AdapterInit init) {
        return fit(base, init, List.of());
    }

    /**
     * The same, with layers that are trained in full unless others are named.
     *
     * @throws BadInputException if a value breaks its rule or does not fit, naming the option that helps
     */
    ResolvedLoraConfig fit(BaseModel base, AdapterInit init, List<String> usuallyInFull) {
        LoraConfig named = config();
        LoraConfig plain = isGiven("--train-in-full") || usuallyInFull.isEmpty()
                ? named
                : named.withTrainedInFull(usuallyInFull.toArray(String[]::new));
        LoraConfig wish = checked("--init: ", () -> plain.withInit(init));
        Set<Free> free = EnumSet.noneOf(Free.class);
        if (!isGiven("--rank")) {
            free.add(Free.RANK);
        }
        if (!isGiven("--targets")) {
            free.add(Free.TARGETS);
        }
        return checked("", () -> ResolvedLoraConfig.of(base, wish, free, NAMES));
    }

    /**
     * The configuration as it was given, for whatever network.
     *
     * @throws BadInputException if a value breaks its rule
     */
    LoraConfig config() {
        OptionRules.atLeast(1, "--rank", rank);
        OptionRules.positive("--alpha", alpha);
        Targets chosen = checked("--targets: ", this::parsed);
        if (chosen instanceof Targets.Names named && named.names().isEmpty()) {
            requireSenseWithoutAdapters();
        }
        LoraConfig plain = LoraConfig.of(rank, alpha).withRsLora(rsLora);
        LoraConfig full =
                checked("--train-in-full: ", () -> plain.withTrainedInFull(trainInFull.toArray(String[]::new)));
        LoraConfig excluding = checked("--exclude: ", () -> full.withExclusions(exclude.toArray(String[]::new)));
        LoraConfig dropping = checked("--", () -> excluding.withDropout(dropout));
        LoraConfig schemed = checked("", () -> withScheme(dropping));
        return withPatterns(withTokens(schemed.withTargets(chosen)));
    }

    private LoraConfig withTokens(LoraConfig config) {
        LoraConfig result = config;
        for (String one : tokens) {
            NamedValue named = NamedValue.of("--trainable-tokens", one, "integers >= 0");
            int[] indices = named.integers();
            LoraConfig before = result;
            requireNew("--trainable-tokens", named.name(), before.trainedTokens());
            result = checked("--trainable-tokens: ", () -> before.withTrainedTokens(named.name(), indices));
        }
        return result;
    }

    private void requireSenseWithoutAdapters() {
        if (trainInFull.isEmpty() && tokens.isEmpty()) {
            throw new BadInputException(
                    "--targets none trains nothing: name layers with --train-in-full, or tokens with --trainable-tokens");
        }
        if (dora || biasOnB || bias.equals("lora_only")) {
            throw new BadInputException(
                    "--dora, --lora-bias and --bias lora_only are about adapters, and --targets none leaves none");
        }
    }

    private LoraConfig withScheme(LoraConfig config) {
        LoraConfig biased = config.withBias(
                switch (bias) {
                    case "none" -> BiasMode.NONE;
                    case "lora_only" -> BiasMode.ADAPTED;
                    case "all" -> BiasMode.ALL;
                    default ->
                        throw new IllegalArgumentException("--bias must be none, lora_only or all, got '" + bias + "'");
                });
        LoraConfig onB = biasOnB ? biased.withBiasOnB() : biased;
        return dora ? checked("--dora, --lora-bias: ", onB::withDora) : onB;
    }

    private LoraConfig withPatterns(LoraConfig config) {
        LoraConfig result = config;
        for (String pattern : rankPatterns) {
            NamedValue one = NamedValue.of("--rank-pattern", pattern, "an integer >= 1");
            int value = one.integer();
            LoraConfig before = result;
            requireNew("--rank-pattern", one.name(), before.rankPattern());
            result = checked("--rank-pattern: ", () -> before.withRankPattern(one.name(), value));
        }
        for (String pattern : alphaPatterns) {
            NamedValue one = NamedValue.of("--alpha-pattern", pattern, "a number > 0");
            double value = one.number();
            LoraConfig before = result;
            requireNew("--alpha-pattern", one.name(), before.alphaPattern());
            result = checked("--alpha-pattern: ", () -> before.withAlphaPattern(one.name(), value));
        }
        return result;
    }

    private static void requireNew(String option, String key, Map<String, ?> patterns) {
        if (patterns.containsKey(key)) {
            throw new BadInputException(option + ": '" + key + "' is given twice");
        }
    }

    private static <T> T checked(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(option + Failures.sentence(bad), bad);
        }
    }

    private boolean isGiven(String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    private Targets parsed() {
        if (targets.isEmpty()) { // of commas alone
            throw new IllegalArgumentException("it must name a layer, or be all-linear or none");
        }
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
