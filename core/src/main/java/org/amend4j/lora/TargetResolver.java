package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Applies a {@link LoraConfig} to the layers of a network. Every entry of the configuration must match something. */
public final class TargetResolver {
    private final List<Candidate> candidates;
    private final List<String> allLayerNames;
    private final LoraConfig config;

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
    }

    private TargetResolver(List<Candidate> candidates, List<String> allLayerNames, LoraConfig config) {
        this.candidates = List.copyOf(candidates);
        this.allLayerNames = List.copyOf(allLayerNames);
        this.config = config;
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
        return new TargetResolver(candidates, allLayerNames, config).resolve();
    }

    private ResolvedTargets resolve() {
        requireMatches("exclusion", config.exclusions(), candidateNames());
        requireMatches("layer trained in full", config.trainedInFull(), allLayerNames);
        List<String> full =
                allLayerNames.stream().filter(matching(config.trainedInFull())).toList();
        List<Candidate> adapted = adapted(Set.copyOf(full));
        Map<String, Integer> ranks = patternValues("rankPattern", config.rankPattern(), adapted);
        Map<String, Double> alphas = patternValues("alphaPattern", config.alphaPattern(), adapted);
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
        long most = Math.min(candidate.rows(), candidate.columns());
        if (rank > most) {
            throw new IllegalArgumentException("rank must be <= " + most + ", the smaller side of a " + candidate.rows()
                    + " x " + candidate.columns() + " weight, got " + rank + " (target '" + candidate.name() + "')");
        }
        return new AdapterSpec(
                candidate.name(), rank, alpha, config.scaling(rank, alpha), config.dropout(), config.init());
    }

    private List<Candidate> adapted(Set<String> full) {
        List<Candidate> targeted =
                candidates.stream().filter(targeted(config.targets())).toList();
        Predicate<String> excluded = matching(config.exclusions());
        List<Candidate> kept = targeted.stream()
                .filter(c -> !excluded.test(c.name()) && !full.contains(c.name()))
                .toList();
        boolean wanted = !(config.targets() instanceof Targets.Names named)
                || !named.names().isEmpty();
        if (wanted && kept.isEmpty()) {
            throw new IllegalArgumentException(
                    "no layer is left to adapt once exclusions and layers trained in full are"
                            + " taken out; candidates: " + Checks.listed(candidateNames()));
        }
        return kept;
    }

    private Predicate<Candidate> targeted(Targets targets) {
        if (targets instanceof Targets.Names named) {
            requireMatches("target", named.names(), candidateNames());
            Predicate<String> matching = matching(named.names());
            return c -> matching.test(c.name());
        }
        if (targets instanceof Targets.Regex regex) {
            NamePattern pattern = NamePattern.whole("targets", regex.pattern());
            if (candidates.stream().noneMatch(c -> pattern.matches(c.name()))) {
                throw noMatch("target pattern", regex.pattern(), candidateNames());
            }
            return c -> pattern.matches(c.name());
        }
        return c -> c.linear() && !c.networkOutput();
    }

    /** The value of each adapted layer that a key matches: the first key wins, and a later one must agree with it. */
    private <V> Map<String, V> patternValues(String what, Map<String, V> patterns, List<Candidate> adapted) {
        Map<String, V> values = new LinkedHashMap<>();
        Map<String, String> deciding = new LinkedHashMap<>();
        patterns.forEach((key, value) -> {
            NamePattern pattern = NamePattern.suffix(what, key);
            List<String> names = adapted.stream()
                    .map(Candidate::name)
                    .filter(pattern::matches)
                    .toList();
            if (names.isEmpty()) {
                throw noMatch(
                        what + " key",
                        key,
                        adapted.stream().map(Candidate::name).toList());
            }
            for (String name : names) {
                V first = values.putIfAbsent(name, value);
                String firstKey = deciding.putIfAbsent(name, key);
                if (first != null && !first.equals(value)) {
                    throw new IllegalArgumentException(what + " keys '" + firstKey + "' and '" + key
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
