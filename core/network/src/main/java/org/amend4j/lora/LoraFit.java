/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.ResolvedTargets.Candidate;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/**
 * A configuration fitted to one network in the settings that the user left open: a rank above the maximum of a layer's
 * weight is lowered there, and its alpha with it, so that the scaling equals that of the other layers; where "all-linear"
 * finds nothing to adapt, convolutions are adapted. Settings that the user chose are kept, or refused.
 *
 * @param config the wish with what was changed in it
 * @param targets what it means for the network
 * @param notes a sentence for every change, in the order of the configuration; empty if nothing was changed
 */
public record LoraFit(LoraConfig config, ResolvedTargets targets, List<String> notes) {

    /** What of a wish may be changed. */
    public enum Free {
        /** The rank of layers that no rank pattern names. */
        RANK,
        /** The targets, if they are {@link Targets.AllLinear}. */
        TARGETS
    }

    public LoraFit {
        notes = List.copyOf(notes);
    }

    /**
     * Resolves a configuration for a base model, nothing of which may be changed.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public static LoraFit of(BaseModel base, LoraConfig config) {
        return of(base, config, Set.of(), SettingNames.METHODS);
    }

    /**
     * Fits a wish to a base model.
     *
     * @param free settings that the user left open
     * @throws IllegalArgumentException if the rest of the wish does not fit, naming the candidates where that helps
     */
    public static LoraFit of(BaseModel base, LoraConfig wish, Set<Free> free, SettingNames names) {
        ComputationGraphConfiguration network = base.configuration();
        LayerRoles.require(network, wish, names);
        return of(
                AdaptedConfiguration.candidates(network),
                AdaptedConfiguration.layersWithParameters(network),
                wish,
                free,
                names);
    }

    static LoraFit of(
            List<Candidate> candidates,
            List<String> allLayerNames,
            LoraConfig wish,
            Set<Free> free,
            SettingNames names) {
        List<String> notes = new ArrayList<>();
        LoraConfig config = wish;
        if (free.contains(Free.TARGETS)) {
            config = withConvolutions(candidates, config, names, notes);
        }
        if (free.contains(Free.RANK)) {
            config = withLowerRanks(candidates, config, notes);
        }
        return new LoraFit(config, ResolvedTargets.of(candidates, allLayerNames, config, names), notes);
    }

    private static LoraConfig withConvolutions(
            List<Candidate> candidates, LoraConfig config, SettingNames names, List<String> notes) {
        if (!(config.targets() instanceof Targets.AllLinear)) {
            return config;
        }
        List<Candidate> kept = candidates.stream()
                .filter(c -> !c.networkOutput() && !ResolvedTargets.isTakenOut(config, c.name()))
                .toList();
        List<String> convolutions =
                kept.stream().filter(c -> !c.linear()).map(Candidate::name).toList();
        if (convolutions.isEmpty() || convolutions.size() < kept.size()) {
            return config;
        }
        String these = convolutions.size() == 1
                ? "the convolution '" + convolutions.get(0) + "'"
                : convolutions.size() + " convolutions";
        notes.add(ResolvedTargets.ALL_LINEAR + ", and none is left: adapting " + these + " instead; " + names.targets()
                + " chooses others");
        return config.withTargets(convolutions.toArray(String[]::new));
    }

    private static LoraConfig withLowerRanks(List<Candidate> candidates, LoraConfig config, List<String> notes) {
        Map<String, Integer> ranks = new LinkedHashMap<>(config.rankPattern());
        Map<String, Double> alphas = new LinkedHashMap<>(config.alphaPattern());
        Map<Integer, List<String>> lowered = new TreeMap<>();
        for (Candidate candidate : candidates) {
            String name = candidate.name();
            if (candidate.highestRank() >= config.rank()
                    || !ResolvedTargets.isAdapted(config, candidate)
                    || isNamed("rankPattern", config.rankPattern(), name)) {
                continue;
            }
            int rank = (int) candidate.highestRank();
            ranks.put(NamePattern.exactly(name), rank);
            if (!isNamed("alphaPattern", config.alphaPattern(), name)) {
                alphas.put(NamePattern.exactly(name), alphaOfSameScaling(config, rank));
            }
            lowered.computeIfAbsent(rank, any -> new ArrayList<>()).add(name);
        }
        if (!lowered.isEmpty()) {
            notes.add(lowered.entrySet().stream()
                            .map(one -> "rank " + one.getKey() + " for " + Checks.listed(one.getValue()))
                            .collect(Collectors.joining("; "))
                    + ": their weights allow no more, so not " + config.rank() + "; the scaling is the same");
        }
        return config.withRankPatterns(ranks).withAlphaPatterns(alphas);
    }

    private static double alphaOfSameScaling(LoraConfig config, int rank) {
        double share = (double) rank / config.rank();
        return config.alpha() * (config.rsLora() ? Math.sqrt(share) : share);
    }

    private static boolean isNamed(String what, Map<String, ?> patterns, String name) {
        return patterns.keySet().stream()
                .anyMatch(key -> NamePattern.suffix(what, key).matches(name));
    }
}
