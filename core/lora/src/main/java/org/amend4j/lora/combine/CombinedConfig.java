/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.FullLayer;

/**
 * The configuration of a combined adapter: what is true of its layers, by name. It starts as the default does, since nothing will
 * be initialised again.
 *
 * @param specs of the layers, in their order
 */
record CombinedConfig(LoraConfig config, List<AdapterSpec> specs) {

    /** Decimal digits that a double keeps: an alpha of 1 is not written as 0.9999999999999999. */
    private static final MathContext SHORT = new MathContext(15);

    static CombinedConfig of(
            List<WeightedAdapter> adapters, List<LayerTerms> layers, List<LowRank> results, List<FullLayer> inFull) {
        LoraConfig rule = rule(adapters);
        List<Integer> ranks =
                results.stream().map(result -> (int) result.a().size(1)).toList();
        List<Double> alphas = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            alphas.add(alpha(rule, ranks.get(i), results.get(i).scaling()));
        }
        List<String> names = layers.stream().map(LayerTerms::name).toList();
        LoraConfig config = rule.withTargets(names.toArray(String[]::new))
                .withTrainedInFull(inFull.stream().map(FullLayer::vertex).toArray(String[]::new));
        if (!names.isEmpty()) {
            config = config.withRank(usual(ranks)).withAlpha(usual(alphas));
        }
        List<AdapterSpec> specs = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            config = named(config, names.get(i), ranks.get(i), alphas.get(i));
            specs.add(config.adapter(names.get(i), ranks.get(i), alphas.get(i)));
        }
        return new CombinedConfig(config, specs);
    }

    /** In what all adapters agree. */
    private static LoraConfig rule(List<WeightedAdapter> adapters) {
        List<LoraConfig> configs =
                adapters.stream().map(adapter -> adapter.content().config()).toList();
        double dropout = configs.get(0).dropout();
        return LoraConfig.of(1, 1)
                .withRsLora(configs.stream().allMatch(LoraConfig::rsLora))
                .withDropout(configs.stream().allMatch(config -> config.dropout() == dropout) ? dropout : 0);
    }

    /** One from which the scaling follows exactly, if there is one; else one unit in the last place beside it. */
    private static double alpha(LoraConfig rule, int rank, double scaling) {
        double alpha =
                Checks.positive("the alpha of a combined layer", scaling * (rule.rsLora() ? Math.sqrt(rank) : rank));
        double decimal = new BigDecimal(alpha).round(SHORT).doubleValue();
        return DoubleStream.of(decimal, alpha, Math.nextUp(alpha), Math.nextDown(alpha))
                .filter(candidate -> rule.scaling(rank, candidate) == scaling)
                .findFirst()
                .orElse(alpha);
    }

    private static LoraConfig named(LoraConfig config, String name, int rank, double alpha) {
        LoraConfig named = config;
        if (rank != named.rank()) {
            named = named.withRankPattern(NamePattern.exactly(name), rank);
        }
        if (alpha != named.alpha()) {
            named = named.withAlphaPattern(NamePattern.exactly(name), alpha);
        }
        return named;
    }

    /** What most have; of equally many what comes first. */
    private static <T> T usual(List<T> values) {
        Map<T, Integer> counts = new LinkedHashMap<>();
        values.forEach(value -> counts.merge(value, 1, Integer::sum));
        T usual = values.get(0);
        for (Map.Entry<T, Integer> entry : counts.entrySet()) {
            if (entry.getValue() > counts.getOrDefault(usual, 0)) {
                usual = entry.getKey();
            }
        }
        return usual;
    }
}
