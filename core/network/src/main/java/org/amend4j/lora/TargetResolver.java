/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.amend4j.internal.validation.Checks;

/** Applies a {@link LoraConfig} to the layers of a network. Every entry of the configuration must match something. */
final class TargetResolver {
    private final List<Candidate> candidates;
    private final List<String> allLayerNames;
    private final LoraConfig config;
    private final SettingNames names;

    /** What the word means, for sentences. */
    static final String ALL_LINEAR = "all-linear means the dense layers that are not outputs of the network";

    /**
     * A layer that can get an adapter.
     *
     * @param name its name
     * @param linear whether "all-linear" means it
     * @param networkOutput whether it is an output of the network, which "all-linear" leaves out
     * @param rows rows of its matricised weight, >= 1 (inputs of a dense layer, inputs times kernel of a convolution)
     * @param columns columns of its matricised weight, >= 1
     */
    public record Candidate(String name, boolean linear, boolean networkOutput, long rows, long columns) {
        public Candidate {
            Checks.name("the name of a candidate", name);
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException(
                        "the weight of '" + name + "' must have rows and columns, got " + rows + " x " + columns);
            }
        }

        /** The smaller side of the weight: A·B of a higher rank says nothing more. */
        long highestRank() {
            return Math.min(rows, columns);
        }
    }

    private TargetResolver(
            List<Candidate> candidates, List<String> allLayerNames, LoraConfig config, SettingNames names) {
        this.candidates = List.copyOf(candidates);
        this.allLayerNames = List.copyOf(allLayerNames);
        this.config = config;
        this.names = names;
    }

    /**
     * Finds the layers to adapt and those to train in full.
     *
     * @param candidates layers that can be adapted, in the network's order
     * @param allLayerNames layers that can be trained in full, in the network's order
     * @param config the wish
     * @throws IllegalArgumentException if an entry matches nothing, if two pattern keys give one layer different values,
     *     if a rank exceeds the smaller side of a layer's weight, or if nothing is left to adapt; the message lists the
     *     candidates where that helps
     */
    public static ResolvedTargets resolve(List<Candidate> candidates, List<String> allLayerNames, LoraConfig config) {
        return resolve(candidates, allLayerNames, config, SettingNames.METHODS);
    }

    /** As {@link #resolve(List, List, LoraConfig)}, refusing in the caller's own words. */
    public static ResolvedTargets resolve(
            List<Candidate> candidates, List<String> allLayerNames, LoraConfig config, SettingNames names) {
        return new TargetResolver(candidates, allLayerNames, config, names).resolve();
    }

    private ResolvedTargets resolve() {
        requireMatches(names.exclusions() + ":", config.exclusions(), candidateNames());
        requireMatches(names.trainedInFull() + ":", config.trainedInFull(), allLayerNames);
        List<String> full =
                allLayerNames.stream().filter(matching(config.trainedInFull())).toList();
        List<Candidate> adapted = adapted();
        if (adapted.isEmpty() && full.isEmpty()) {
            throw new IllegalArgumentException(names.targets()
                    + " must name a layer, got an empty list and nothing trained in full with " + names.trainedInFull()
                    + "; candidates: " + Checks.listed(candidateNames()));
        }
        Map<String, Integer> ranks = patternValues(names.rankPattern(), config.rankPattern(), adapted);
        Map<String, Double> alphas = patternValues(names.alphaPattern(), config.alphaPattern(), adapted);
        List<AdapterSpec> specs = new ArrayList<>();
        for (Candidate candidate : adapted) {
            specs.add(spec(
                    candidate,
                    ranks.getOrDefault(candidate.name(), config.rank()),
                    alphas.getOrDefault(candidate.name(), config.alpha())));
        }
        return new ResolvedTargets(specs, full);
    }

    private AdapterSpec spec(Candidate candidate, int rank, double alpha) {
        long most = candidate.highestRank();
        if (rank > most) {
            throw new IllegalArgumentException(names.rank() + " must be <= " + most + ", the smaller side of the "
                    + candidate.rows() + " x " + candidate.columns() + " weight of target '" + candidate.name()
                    + "', got " + rank + ": a smaller one, " + names.rankPattern() + " for this layer, or "
                    + names.exclusions() + " to leave it out");
        }
        return new AdapterSpec(
                candidate.name(), rank, alpha, config.scaling(rank, alpha), config.dropout(), config.init());
    }

    private List<Candidate> adapted() {
        Predicate<Candidate> targeted = targeted();
        List<Candidate> kept = candidates.stream()
                .filter(targeted)
                .filter(c -> !isTakenOut(config, c.name()))
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
                ? "candidates: none (dense and convolutional layers are)"
                : "name one of the candidates with " + names.targets() + ": " + Checks.listed(candidateNames());
        return why + "; " + help + "; or train layers as they are with " + names.noTargets() + " and "
                + names.trainedInFull() + ": " + Checks.listed(allLayerNames);
    }

    /** Whether a layer is a target, and neither excluded nor trained in full. */
    static boolean isAdapted(LoraConfig config, Candidate candidate) {
        return isTargeted(config.targets(), candidate) && !isTakenOut(config, candidate.name());
    }

    /** Whether a layer is excluded or trained in full. */
    static boolean isTakenOut(LoraConfig config, String name) {
        return matching(config.exclusions()).test(name)
                || matching(config.trainedInFull()).test(name);
    }

    private static boolean isTargeted(Targets targets, Candidate candidate) {
        if (targets instanceof Targets.Names named) {
            return matching(named.names()).test(candidate.name());
        }
        if (targets instanceof Targets.Regex regex) {
            return NamePattern.whole("targets", regex.pattern()).matches(candidate.name());
        }
        return candidate.linear() && !candidate.networkOutput();
    }

    private Predicate<Candidate> targeted() {
        Targets targets = config.targets();
        if (targets instanceof Targets.Names named) {
            requireMatches(names.targets() + ":", named.names(), candidateNames());
        }
        if (targets instanceof Targets.Regex regex && candidates.stream().noneMatch(c -> isTargeted(targets, c))) {
            throw noMatch(names.targets() + ": pattern", regex.pattern(), candidateNames());
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
                    .map(Candidate::name)
                    .filter(pattern::matches)
                    .toList();
            if (matched.isEmpty()) {
                throw noMatch(
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

    private List<String> candidateNames() {
        return candidates.stream().map(Candidate::name).toList();
    }

    static Predicate<String> matching(List<String> entries) {
        return name -> entries.stream().anyMatch(entry -> matches(entry, name));
    }

    private static boolean matches(String entry, String name) {
        return name.equals(entry) || name.endsWith("." + entry);
    }

    static void requireMatches(String what, List<String> entries, List<String> names) {
        for (String entry : entries) {
            if (names.stream().noneMatch(name -> matches(entry, name))) {
                throw noMatch(what, entry, names);
            }
        }
    }

    private static IllegalArgumentException noMatch(String what, String entry, List<String> names) {
        return new IllegalArgumentException(
                what + " '" + entry + "' matches no layer; candidates: " + Checks.listed(names));
    }
}
