/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/**
 * A configuration made concrete for one network: which layers get which adapter, and which are trained as they are. Every
 * entry of the configuration matches something. Settings that the user left open are fitted to the network; those that the
 * user chose are kept, or refused.
 */
public final class ResolvedLoraConfig {

    /** What the word means, for sentences. */
    static final String ALL_LINEAR = "all-linear means the dense layers that are not outputs of the network";

    /** What of a wish may be changed. */
    public enum Free {
        /** The rank of layers that no rank pattern names: lowered where a weight allows less, at the same scaling. */
        RANK,
        /** The targets, if they are {@link Targets.AllLinear}: convolutions where there is none of these, else all weights. */
        TARGETS
    }

    private final LoraConfig config;
    private final List<WeightAdapter> weights;
    private final List<AdaptedBias> biases;
    private final List<AdaptedTokens> tokens;
    private final List<String> trainedInFull;
    private final List<String> notes;

    /** Of settings that agree with one another. */
    ResolvedLoraConfig(
            LoraConfig config,
            List<WeightAdapter> weights,
            List<AdaptedBias> biases,
            List<AdaptedTokens> tokens,
            List<String> trainedInFull,
            List<String> notes) {
        this.config = config;
        this.weights = List.copyOf(weights);
        this.biases = List.copyOf(biases);
        this.tokens = List.copyOf(tokens);
        this.trainedInFull = List.copyOf(trainedInFull);
        this.notes = List.copyOf(notes);
    }

    /**
     * Resolves a configuration for a base model, nothing of which may be changed.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public static ResolvedLoraConfig of(BaseModel base, LoraConfig config) {
        return of(base, config, Set.of(), SettingNames.METHODS);
    }

    /**
     * What a file's adapter changes in a base, after checking that each part fits the base's layer of that name.
     *
     * @param content as {@link AdapterContent#fittedTo} the base
     * @throws IllegalArgumentException naming the layer that the base does not have, or that has another shape
     */
    public static ResolvedLoraConfig of(BaseModel base, AdapterContent content) {
        return AdapterTransfer.fit(content, base);
    }

    /**
     * Fits a wish to a base model.
     *
     * @param free settings that the user left open
     * @param names how the caller calls its settings
     * @throws IllegalArgumentException if an entry matches nothing, if two pattern keys give one layer different values,
     *     if a rank exceeds the smaller side of a layer's weight, or if nothing is left to adapt; the message lists the
     *     candidates where that helps
     */
    public static ResolvedLoraConfig of(BaseModel base, LoraConfig wish, Set<Free> free, SettingNames names) {
        OwnNames own = new OwnNames(base);
        try {
            ResolvedLoraConfig fit = ofVertices(base, own.resolved(wish), free, names);
            return own.note(fit).map(fit::noting).orElse(fit);
        } catch (IllegalArgumentException misfit) {
            String sentence = String.valueOf(misfit.getMessage());
            throw base.names().isEmpty() ? misfit : new IllegalArgumentException(own.after(sentence), misfit);
        }
    }

    private static ResolvedLoraConfig ofVertices(BaseModel base, LoraConfig wish, Set<Free> free, SettingNames names) {
        ComputationGraphConfiguration network = base.configuration();
        LayerRoles.require(network, wish, names);
        ResolvedLoraConfig fit = of(
                AdaptedConfiguration.candidates(network),
                AdaptedConfiguration.layersWithParameters(network),
                wish,
                free,
                names);
        AdaptedConfiguration.requireType(network, fit.weights);
        fit.weights.forEach(one -> Biases.requireBiasUnder(base, one));
        ResolvedLoraConfig biased = fit.with(Biases.of(base, fit), List.of());
        return biased.with(biased.biases, Tokens.of(base, biased));
    }

    /**
     * The same for layers that can be adapted and layers that can be trained in full, in the network's order.
     */
    static ResolvedLoraConfig of(
            List<Candidate> candidates,
            List<String> allLayerNames,
            LoraConfig wish,
            Set<Free> free,
            SettingNames names) {
        List<String> notes = new ArrayList<>();
        LoraConfig config = OpenSettings.fitted(candidates, wish, free, names, notes);
        return new Resolver(List.copyOf(candidates), List.copyOf(allLayerNames), config, names).resolve(notes);
    }

    private ResolvedLoraConfig with(List<AdaptedBias> others, List<AdaptedTokens> some) {
        return new ResolvedLoraConfig(config, weights, others, some, trainedInFull, notes);
    }

    private ResolvedLoraConfig noting(String note) {
        return new ResolvedLoraConfig(
                config,
                weights,
                biases,
                tokens,
                trainedInFull,
                Stream.concat(notes.stream(), Stream.of(note)).toList());
    }

    /** The same adapters with another start. */
    ResolvedLoraConfig startingWith(AdapterInit init) {
        LoraConfig other = config.withInit(init);
        return new ResolvedLoraConfig(
                other,
                weights.stream()
                        .map(one -> new WeightAdapter(
                                one.weight(),
                                other.adapter(
                                        one.weight().name(),
                                        one.adapter().rank(),
                                        one.adapter().alpha()),
                                one.rows(),
                                one.columns()))
                        .toList(),
                biases,
                tokens,
                trainedInFull,
                notes);
    }

    /** The wish with what was changed in it. */
    public LoraConfig config() {
        return config;
    }

    /** One entry per adapted weight, in the order of the network that this was fitted to. */
    public List<AdapterSpec> adapters() {
        return weights.stream().map(WeightAdapter::adapter).toList();
    }

    /** The same with the weights that the adapters add to. */
    public List<WeightAdapter> weights() {
        return weights;
    }

    /** Biases of the base that train too, in the network's order. */
    public List<AdaptedBias> biases() {
        return biases;
    }

    /** Tokens of the base's embeddings that train too, in the network's order. */
    public List<AdaptedTokens> tokens() {
        return tokens;
    }

    /** Those of an embedding, if there are any. */
    Optional<AdaptedTokens> tokens(String vertex) {
        return tokens.stream().filter(some -> some.vertex().equals(vertex)).findFirst();
    }

    /** Names of the layers trained as they are, in the network's order. */
    public List<String> trainedInFull() {
        return trainedInFull;
    }

    /** A sentence for every change, in the order of the configuration; empty if nothing was changed. */
    public List<String> notes() {
        return notes;
    }

    /**
     * A weight that can get an adapter.
     *
     * @param weight which
     * @param sort what "all-linear" makes of it
     * @param networkOutput whether its layer is an output of the network, which "all-linear" leaves out
     * @param rows rows of its matricised weight, >= 1 (inputs of a dense layer, inputs times kernel of a convolution)
     * @param columns columns of its matricised weight, >= 1
     */
    record Candidate(AdaptedWeight weight, Sort sort, boolean networkOutput, long rows, long columns) {
        Candidate {
            Checks.present("the weight of a candidate", weight);
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException("the weight of '" + weight.name()
                        + "' must have rows and columns, got " + rows + " x " + columns);
            }
        }

        /** What "all-linear" means, what is adapted where there is none of it, and the rest. */
        enum Sort {
            LINEAR,
            CONVOLUTION,
            OTHER;

            static Sort of(WeightMatrix weight) {
                if (weight.isLinear()) {
                    return LINEAR;
                }
                return weight.kernel().isEmpty() ? OTHER : CONVOLUTION;
            }
        }

        boolean isLinear() {
            return sort == Sort.LINEAR;
        }

        /** The name that entries and patterns are tried on. */
        String name() {
            return weight.name();
        }

        /** Its name, and its layer's, which means all the layer's weights. */
        Stream<String> names() {
            return Stream.of(name(), weight.vertex()).distinct();
        }

        /** Whether something is true of one of its names. */
        boolean isNamed(Predicate<String> test) {
            return names().anyMatch(test);
        }

        /** The smaller side of the weight: A·B of a higher rank says nothing more. */
        long highestRank() {
            return Math.min(rows, columns);
        }
    }

    /** Whether a layer is a target, and neither excluded nor trained in full. */
    static boolean isAdapted(LoraConfig config, Candidate candidate) {
        return isTargeted(config.targets(), candidate) && !isTakenOut(config, candidate);
    }

    /** Whether a weight is excluded or its layer trained in full. */
    static boolean isTakenOut(LoraConfig config, Candidate candidate) {
        return candidate.isNamed(NamePattern.anyOf(config.exclusions()))
                || NamePattern.anyOf(config.trainedInFull())
                        .test(candidate.weight().vertex());
    }

    private static boolean isTargeted(Targets targets, Candidate candidate) {
        if (targets instanceof Targets.Names named) {
            return candidate.isNamed(NamePattern.anyOf(named.names()));
        }
        if (targets instanceof Targets.Regex regex) {
            return candidate.isNamed(NamePattern.whole("targets", regex.pattern())::matches);
        }
        return candidate.isLinear() && !candidate.networkOutput();
    }

    private record Resolver(
            List<Candidate> candidates, List<String> allLayerNames, LoraConfig config, SettingNames names) {

        private ResolvedLoraConfig resolve(List<String> notes) {
            NamePattern.requireEachMatches(names.exclusions() + ":", config.exclusions(), allNames());
            NamePattern.requireEachMatches(names.trainedInFull() + ":", config.trainedInFull(), allLayerNames);
            List<String> full = allLayerNames.stream()
                    .filter(NamePattern.anyOf(config.trainedInFull()))
                    .toList();
            List<Candidate> adapted = adapted();
            if (adapted.isEmpty() && full.isEmpty() && config.trainedTokens().isEmpty()) {
                throw new IllegalArgumentException(names.targets()
                        + " must name a layer, got an empty list and nothing trained in full with "
                        + names.trainedInFull()
                        + "; candidates: " + Checks.listed(candidateNames()));
            }
            Map<String, Integer> ranks = patternValues(names.rankPattern(), config.rankPattern(), adapted);
            Map<String, Double> alphas = patternValues(names.alphaPattern(), config.alphaPattern(), adapted);
            List<WeightAdapter> specs = new ArrayList<>();
            for (Candidate candidate : adapted) {
                specs.add(spec(
                        candidate,
                        ranks.getOrDefault(candidate.name(), config.rank()),
                        alphas.getOrDefault(candidate.name(), config.alpha())));
            }
            return new ResolvedLoraConfig(config, specs, List.of(), List.of(), full, notes);
        }

        private WeightAdapter spec(Candidate candidate, int rank, double alpha) {
            long most = candidate.highestRank();
            if (rank > most) {
                throw new IllegalArgumentException(names.rank() + " must be <= " + most + ", the smaller side of the "
                        + candidate.rows() + " x " + candidate.columns() + " weight of target '" + candidate.name()
                        + "', got " + rank + ": a smaller one, " + names.rankPattern() + " for this layer, or "
                        + names.exclusions() + " to leave it out");
            }
            return new WeightAdapter(
                    candidate.weight(),
                    config.adapter(candidate.name(), rank, alpha),
                    candidate.rows(),
                    candidate.columns());
        }

        private List<Candidate> adapted() {
            Predicate<Candidate> targeted = targeted();
            List<Candidate> kept = candidates.stream()
                    .filter(targeted)
                    .filter(c -> !isTakenOut(config, c))
                    .toList();
            boolean wanted = !(config.targets() instanceof Targets.Names named)
                    || !named.names().isEmpty();
            if (wanted && kept.isEmpty()) {
                throw new IllegalArgumentException(nothingLeft());
            }
            return kept;
        }

        private String nothingLeft() {
            boolean linear = config.targets() instanceof Targets.AllLinear;
            String why = "no layer is left to adapt"
                    + (config.exclusions().isEmpty() && config.trainedInFull().isEmpty()
                            ? ""
                            : " once " + names.exclusions() + " and " + names.trainedInFull() + " are taken out")
                    + (linear ? " (" + ALL_LINEAR + ")" : "");
            String help = candidates.isEmpty()
                    ? "candidates: none (layers with a weight matrix are)"
                    : "name one of the candidates with " + names.targets() + ": " + Checks.listed(candidateNames());
            return why + "; " + help + "; or train layers as they are with " + names.noTargets() + " and "
                    + names.trainedInFull() + ": " + Checks.listed(allLayerNames);
        }

        private Predicate<Candidate> targeted() {
            Targets targets = config.targets();
            if (targets instanceof Targets.Names named) {
                NamePattern.requireEachMatches(names.targets() + ":", named.names(), allNames());
            }
            if (targets instanceof Targets.Regex regex && candidates.stream().noneMatch(c -> isTargeted(targets, c))) {
                throw NamePattern.noMatch(names.targets() + ": pattern", regex.pattern(), candidateNames());
            }
            return c -> isTargeted(targets, c);
        }

        /** The value of each adapted layer that a key matches: the first key wins, and a later one must agree with it. */
        private <V> Map<String, V> patternValues(String what, Map<String, V> patterns, List<Candidate> adapted) {
            Map<String, V> values = new LinkedHashMap<>();
            Map<String, String> deciding = new LinkedHashMap<>();
            patterns.forEach((key, value) -> {
                NamePattern pattern = NamePattern.suffix(what, key);
                List<String> matched = adapted.stream()
                        .filter(candidate -> candidate.isNamed(pattern::matches))
                        .map(Candidate::name)
                        .toList();
                if (matched.isEmpty()) {
                    throw NamePattern.noMatch(
                            what + ": key",
                            key,
                            adapted.stream().map(Candidate::name).toList());
                }
                for (String name : matched) {
                    V first = values.putIfAbsent(name, value);
                    String firstKey = deciding.putIfAbsent(name, key);
                    if (first != null && !first.equals(value)) {
                        throw new IllegalArgumentException(what + ": keys '" + firstKey + "' and '" + key
                                + "' must agree on '" + name + "', got " + first + " and " + value);
                    }
                }
            });
            return values;
        }

        /** Names of weights, and of layers with several. */
        private List<String> allNames() {
            return candidates.stream().flatMap(Candidate::names).distinct().toList();
        }

        private List<String> candidateNames() {
            return candidates.stream().map(Candidate::name).toList();
        }
    }
}
