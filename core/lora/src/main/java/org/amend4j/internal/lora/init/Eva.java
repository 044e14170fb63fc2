/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.EvaConfig;

/**
 * EVA (Paischer et al., arXiv 2410.07170): A is the first r principal components of the layer's inputs, B zero, so
 * that the first output is the base's to the last bit. The ranks of all layers together stay what they are and go where inputs
 * vary most.
 *
 * @param config how far ranks may grow, and when components count as converged
 */
public record Eva(EvaConfig config) implements AdapterStart {

    /** The highest rank that a layer of this rank can be given, and so how many components it needs: ρ·r rounded, at most nIn. */
    public int kept(int rank, int inputs) {
        return (int) Math.min(inputs, Math.round(config.rho() * rank));
    }

    /** Whether a layer's components have converged, all that it may need. */
    public boolean isConverged(InputComponents components, int rank) {
        return components.isConverged(kept(rank, components.inputs()), config.threshold());
    }

    /**
     * Ranks by explained variance: as many components as there are ranks, those that explain most of their layers' variance, at
     * most {@link #kept} of a layer. No other ranks of that sum and these bounds explain more, summed over layers. Among equals
     * the earlier layer wins. A layer may get 0: then it needs no adapter.
     *
     * @param ranks the configured ranks, by target
     * @param components of the same targets
     * @return the new ranks, in the order of {@code ranks}
     */
    public Map<String, Integer> ranks(Map<String, Integer> ranks, Map<String, InputComponents> components) {
        if (!ranks.keySet().equals(components.keySet())) {
            throw new IllegalArgumentException("components must be of the targets with ranks, "
                    + Checks.listed(List.copyOf(ranks.keySet())) + ", got "
                    + Checks.listed(List.copyOf(components.keySet())));
        }
        Map<String, double[]> ratios = new LinkedHashMap<>();
        ranks.forEach((target, rank) -> {
            InputComponents ofTarget = Objects.requireNonNull(components.get(target), target);
            double[] all = ofTarget.explainedVarianceRatios();
            int most = kept(rank, ofTarget.inputs());
            ratios.put(target, Arrays.copyOf(all, Math.min(most, all.length)));
        });
        return redistributed(ranks, ratios);
    }

    /** The same from ratios, which descend. */
    static Map<String, Integer> redistributed(Map<String, Integer> ranks, Map<String, double[]> ratios) {
        record Share(String target, double ratio) {}
        List<Share> shares = new ArrayList<>();
        ranks.keySet().forEach(target -> {
            for (double ratio : ratios.getOrDefault(target, new double[0])) {
                shares.add(new Share(target, ratio));
            }
        });
        shares.sort(Comparator.comparingDouble(Share::ratio).reversed());
        int budget = ranks.values().stream().mapToInt(rank -> rank).sum();
        Map<String, Integer> result = new LinkedHashMap<>();
        ranks.keySet().forEach(target -> result.put(target, 0));
        shares.stream().limit(budget).forEach(share -> result.merge(share.target(), 1, Integer::sum));
        return result;
    }

    /**
     * The first factors, of the weight's type.
     *
     * @param components of the layer's inputs
     * @throws IllegalArgumentException if they are of other inputs, or fewer than the rank
     */
    public StartFactors of(StartSite site, InputComponents components) {
        if (components.inputs() != site.inputs()) {
            throw new IllegalArgumentException("the components must be of " + site.inputs() + " inputs, got "
                    + components.inputs() + site.place());
        }
        Dense all = components.components();
        if (all.columns() < site.rank()) {
            throw new IllegalArgumentException("the rank must be <= " + all.columns() + ", the components of "
                    + components.count() + " inputs, got " + site.rank() + site.place());
        }
        return site.beside(all.columns(0, site.rank()), Dense.zero(site.rank(), site.outputs()));
    }
}
