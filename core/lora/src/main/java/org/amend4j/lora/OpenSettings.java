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
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.ResolvedLoraConfig.Candidate.Sort;
import org.amend4j.lora.ResolvedLoraConfig.Free;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;

/**
 * Fits settings that the user left open to a network: a rank above the maximum of a layer's weight is lowered there, and its
 * alpha with it, so that the scaling equals that of the other layers; where "all-linear" finds nothing to adapt,
 * convolutions are, or, if there are none, all weights.
 */
final class OpenSettings {

    private OpenSettings() {}

    /**
     * The wish with what had to be changed in it.
     *
     * @param notes a sentence for every change is added here
     */
    static LoraConfig fitted(
            List<Candidate> candidates, LoraConfig wish, Set<Free> free, SettingNames names, List<String> notes) {
        LoraConfig config = wish;
        if (free.contains(Free.TARGETS)) {
            config = withOthers(candidates, config, names, notes);
        }
        if (free.contains(Free.RANK)) {
            config = withLowerRanks(candidates, config, notes);
        }
        return config;
    }

    private static LoraConfig withOthers(
            List<Candidate> candidates, LoraConfig config, SettingNames names, List<String> notes) {
        if (!(config.targets() instanceof Targets.AllLinear)) {
            return config;
        }
        List<Candidate> kept = candidates.stream()
                .filter(c -> !c.networkOutput() && !ResolvedLoraConfig.isTakenOut(config, c))
                .filter(c -> !Tokens.isNamed(config, c.weight().vertex()))
                .toList();
        if (kept.isEmpty() || kept.stream().anyMatch(Candidate::isLinear)) {
            return config;
        }
        List<Candidate> convolutions =
                kept.stream().filter(c -> c.sort() == Sort.CONVOLUTION).toList();
        String what = convolutions.isEmpty() ? "weight" : "convolution";
        List<String> others = (convolutions.isEmpty() ? kept : convolutions)
                .stream().map(Candidate::name).toList();
        String these =
                others.size() == 1 ? "the " + what + " '" + others.get(0) + "'" : others.size() + " " + what + "s";
        notes.add(ResolvedLoraConfig.ALL_LINEAR + ", and none is left: adapting " + these + " instead; "
                + names.targets() + " chooses others");
        return config.withTargets(others.toArray(String[]::new));
    }

    private static LoraConfig withLowerRanks(List<Candidate> candidates, LoraConfig config, List<String> notes) {
        Map<String, Integer> ranks = new LinkedHashMap<>(config.rankPattern());
        Map<String, Double> alphas = new LinkedHashMap<>(config.alphaPattern());
        Map<Integer, List<String>> lowered = new TreeMap<>();
        boolean ownAlpha = false;
        for (Candidate candidate : candidates) {
            String name = candidate.name();
            long most = config.init().highestRank(candidate.highestRank());
            if (most >= config.rank()
                    || !ResolvedLoraConfig.isAdapted(config, candidate)
                    || isNamed("rankPattern", config.rankPattern(), candidate)) {
                continue;
            }
            int rank = (int) most;
            ranks.put(NamePattern.exactly(name), rank);
            if (isNamed("alphaPattern", config.alphaPattern(), candidate)) {
                ownAlpha = true;
            } else {
                alphas.put(NamePattern.exactly(name), alphaOfSameScaling(config, rank));
            }
            lowered.computeIfAbsent(rank, any -> new ArrayList<>()).add(name);
        }
        if (!lowered.isEmpty()) {
            notes.add(lowered.entrySet().stream()
                            .map(one -> "rank " + one.getKey() + " for " + Checks.listed(one.getValue()))
                            .collect(Collectors.joining("; "))
                    + ": their weights allow no more"
                    + (config.init().equals(AdapterInit.DEFAULT) ? "" : " with the start " + config.init())
                    + ", so not " + config.rank() + "; the scaling is the same"
                    + (ownAlpha ? " but where an alpha pattern names a layer" : ""));
        }
        return config.withRankPattern(ranks).withAlphaPattern(alphas);
    }

    private static double alphaOfSameScaling(LoraConfig config, int rank) {
        double share = (double) rank / config.rank();
        return config.alpha() * (config.rsLora() ? Math.sqrt(share) : share);
    }

    private static boolean isNamed(String what, Map<String, ?> patterns, Candidate candidate) {
        return patterns.keySet().stream().anyMatch(key -> candidate.isNamed(NamePattern.suffix(what, key)::matches));
    }
}
