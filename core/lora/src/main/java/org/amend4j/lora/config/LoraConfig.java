/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;

/**
 * What to adapt and how: the settings of LoRA (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models",
 * arXiv 2106.09685), with the meaning Hugging Face PEFT gives them. An instance is valid; whether its names fit a network
 * is checked when it is attached to one, and so is that it leaves something to train: withers can come in any order.
 *
 * <p>Entries of {@code exclusions}, {@code trainedInFull} and {@code trainedTokens} match a layer whose name is equal to the entry or ends in
 * {@code "." + entry}. Keys of the patterns are regular expressions tried as {@code (.*\.)?(KEY)} over the whole name.
 *
 * @param rank rank of every adapter that no rank pattern names, >= 1
 * @param alpha numerator of the scaling, > 0 and finite
 * @param rsLora whether the scaling is alpha/sqrt(rank) (Kalajdzievski, arXiv 2312.03732) instead of alpha/rank
 * @param targets layers that get an adapter
 * @param exclusions layers that get none; wins over targets
 * @param rankPattern ranks of single layers, >= 1
 * @param alphaPattern alphas of single layers, > 0 and finite
 * @param dropout probability in [0, 1) with which an input of A is dropped in training
 * @param trainedInFull layers that are trained as they are, such as a new head; they get no adapter
 * @param trainedTokens tokens of embeddings whose vectors are trained as they are, by the embedding's name: each once, >= 0; such an
 *     embedding gets no adapter
 * @param init how the factors start
 * @param scheme what an adapter has beside its factors: DoRA's magnitude, trained biases, a bias on B
 */
@RecordBuilder
public record LoraConfig(
        int rank,
        double alpha,
        boolean rsLora,
        Targets targets,
        List<String> exclusions,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        double dropout,
        List<String> trainedInFull,
        Map<String, List<Integer>> trainedTokens,
        AdapterInit init,
        Scheme scheme)
        implements LoraConfigBuilder.With {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public LoraConfig {
        Checks.atLeast(1, "rank", rank);
        Checks.positive("alpha", alpha);
        Checks.present("targets", targets);
        exclusions = Checks.names("exclusions", exclusions);
        rankPattern = Checks.ordered("rankPattern", rankPattern);
        alphaPattern = Checks.ordered("alphaPattern", alphaPattern);
        rankPattern.forEach((key, value) -> {
            NamePattern.suffix("rankPattern", key);
            Checks.atLeast(1, "the rank of pattern '" + key + "'", value);
        });
        alphaPattern.forEach((key, value) -> {
            NamePattern.suffix("alphaPattern", key);
            Checks.positive("the alpha of pattern '" + key + "'", value);
        });
        Checks.belowOne("dropout", dropout);
        trainedInFull = Checks.names("trainedInFull", trainedInFull);
        Map<String, List<Integer>> tokens = new LinkedHashMap<>();
        Checks.ordered("trainedTokens", trainedTokens)
                .forEach((layer, indices) -> tokens.put(layer, AdaptedTokens.checked(layer, indices)));
        trainedTokens = Checks.ordered("trainedTokens", tokens);
        Checks.present("init", init);
        Checks.present("scheme", scheme).requireStart(init);
    }

    /** Adapters of one rank on every linear layer except the network's outputs, scaled by alpha/rank. */
    public static LoraConfig of(int rank, double alpha) {
        return new LoraConfig(
                rank,
                alpha,
                false,
                Targets.allLinear(),
                List.of(),
                Map.of(),
                Map.of(),
                0,
                List.of(),
                Map.of(),
                AdapterInit.DEFAULT,
                Scheme.PLAIN);
    }

    /** No adapters: these layers, such as a new head, train in full on a frozen network. */
    public static LoraConfig withoutAdapters(String... trainedInFull) {
        return of(1, 1).withTargets().withTrainedInFull(trainedInFull);
    }

    /** The factor on the product A·B of an adapter with this rank and alpha: alpha/rank, or alpha/sqrt(rank). */
    public double scaling(int ofRank, double ofAlpha) {
        return ofAlpha / (rsLora ? Math.sqrt(ofRank) : ofRank);
    }

    /** The adapter of a layer with this rank and alpha. */
    public AdapterSpec adapter(String target, int ofRank, double ofAlpha) {
        return new AdapterSpec(target, ofRank, ofAlpha, scaling(ofRank, ofAlpha), dropout, init, scheme);
    }

    public LoraConfig withTargets(String... names) {
        return withTargets(Targets.names(names));
    }

    public LoraConfig withExclusions(String... names) {
        return withExclusions(List.of(names));
    }

    /** Adds a rank pattern after those already there. */
    public LoraConfig withRankPattern(String key, int value) {
        return withRankPattern(added(rankPattern, key, value));
    }

    /** Adds an alpha pattern after those already there. */
    public LoraConfig withAlphaPattern(String key, double value) {
        return withAlphaPattern(added(alphaPattern, key, value));
    }

    /** DoRA as PEFT trains it. */
    public LoraConfig withDora() {
        return withDora(Dora.DETACHED_NORM);
    }

    /** A magnitude for every output of an adapted layer. */
    public LoraConfig withDora(Dora dora) {
        return withScheme(scheme.withDora(dora));
    }

    /** These biases of the base train too. */
    public LoraConfig withBias(BiasMode bias) {
        return withScheme(scheme.withBias(bias));
    }

    /** A bias on every B. */
    public LoraConfig withBiasOnB() {
        return withScheme(scheme.withBiasOnB(true));
    }

    public LoraConfig withTrainedInFull(String... names) {
        return withTrainedInFull(List.of(names));
    }

    /** Trains the vectors of these tokens of an embedding, beside those of other embeddings. */
    public LoraConfig withTrainedTokens(String embedding, int... tokens) {
        return withTrainedTokens(
                added(trainedTokens, embedding, Arrays.stream(tokens).boxed().toList()));
    }

    private static <V> Map<String, V> added(Map<String, V> old, String key, V value) {
        Map<String, V> all = new LinkedHashMap<>(old);
        all.put(key, value);
        return all;
    }
}
