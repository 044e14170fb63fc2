/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How tokens follow from logits. */
class SamplerTest {

    /** The probabilities 0.4, 0.1, 0.3, 0.15, 0.05. */
    private static final double[] PROBABILITIES = {0.4, 0.1, 0.3, 0.15, 0.05};

    private static final int DRAWS = 20_000;

    private static float[] logits() {
        float[] logits = new float[PROBABILITIES.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (Math.log(PROBABILITIES[i]) + 3);
        }
        return logits;
    }

    private static GenerationRules rules(Choice choice) {
        return new GenerationRules(choice, 1, 1, Set.of(), Set.of(), 1);
    }

    private static int choose(Choice choice, float... logits) {
        return new Sampler(rules(choice), new SplitMix64(1)).choose(logits, Set.of());
    }

    private static Set<Integer> left(double temperature, int topK, double topP) {
        Set<Integer> tokens = new TreeSet<>();
        Sampler.candidates(logits(), new Choice.Sampling(temperature, topK, topP))
                .forEach(candidate -> tokens.add(candidate.token()));
        return tokens;
    }

    @Test
    void greedy_is_the_largest_logit_and_of_equal_ones_the_first() {
        assertEquals(2, choose(new Choice.Greedy(), -1, 0.5f, 3, 3, 2.9f));
        assertEquals(0, choose(new Choice.Greedy(), -5));
    }

    @Test
    void what_is_suppressed_is_never_chosen_however_probable() {
        for (Choice choice : List.of(
                new Choice.Greedy(),
                new Choice.Sampling(1e6, 0, 1),
                new Choice.Sampling(1, 3, 1),
                new Choice.Sampling(1, 0, 0.99))) {
            GenerationRules rules = rules(choice).withSuppressedTokens(Set.of(0, 2, 4));
            Sampler sampler = new Sampler(rules, new SplitMix64(1));
            for (int draw = 0; draw < 200; draw++) {
                int token = sampler.choose(logits(), Set.of(0));
                assertTrue(token == 1 || token == 3, choice + " " + token);
            }
        }
    }

    @Test
    void top_k_keeps_the_k_most_probable_and_of_equal_ones_the_first() {
        assertEquals(Set.of(0), left(1, 1, 1));
        assertEquals(Set.of(0, 2), left(1, 2, 1));
        assertEquals(Set.of(0, 2, 3), left(1, 3, 1));
        assertEquals(Set.of(0, 1, 2, 3, 4), left(1, 9, 1));
        List<Sampler.Candidate> equal = Sampler.candidates(new float[] {1, 2, 2, 2, 1}, new Choice.Sampling(1, 2, 1));
        assertEquals(List.of(1, 2), equal.stream().map(Sampler.Candidate::token).toList());
    }

    @ParameterizedTest
    @CsvSource({"0.01, 1", "0.39, 1", "0.41, 2", "0.69, 2", "0.71, 3", "0.84, 3", "0.86, 4", "0.94, 4", "0.96, 5"})
    void top_p_keeps_as_few_as_have_that_probability_together(double topP, int count) {
        assertEquals(new TreeSet<>(List.of(0, 2, 3, 1, 4).subList(0, count)), left(1, 0, topP));
    }

    @Test
    void temperature_comes_before_top_k_and_that_before_top_p() {
        // at temperature 0.5 the probabilities are 0.16, 0.01, 0.09, 0.0225, 0.0025 of 0.285
        assertEquals(Set.of(0), left(0.5, 0, 0.55));
        assertEquals(Set.of(0, 2), left(1, 0, 0.55));
        // of 0 and 2 alone, 0 has 4/7
        assertEquals(Set.of(0), left(1, 2, 0.56));
        assertEquals(Set.of(0, 2), left(1, 0, 0.56));
    }

    /** How much frequencies of draws differ from probabilities: Pearson's statistic, in standard deviations above its mean. */
    private static double misfit(Choice choice, double[] probabilities) {
        Sampler sampler = new Sampler(rules(choice), new SplitMix64(7));
        int[] counts = new int[probabilities.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(logits(), Set.of())]++;
        }
        double statistic = 0;
        int kinds = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = DRAWS * probabilities[i];
            if (expected > 0) {
                statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
                kinds++;
            } else if (counts[i] > 0) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return (statistic - (kinds - 1)) / Math.sqrt(2.0 * (kinds - 1));
    }

    /** Probabilities to a power, of the tokens that are left, made to sum to 1. */
    private static double[] powers(double exponent, Set<Integer> left) {
        double[] powers = IntStream.range(0, PROBABILITIES.length)
                .mapToDouble(i -> left.contains(i) ? Math.pow(PROBABILITIES[i], exponent) : 0)
                .toArray();
        double sum =
                IntStream.range(0, powers.length).mapToDouble(i -> powers[i]).sum();
        return IntStream.range(0, powers.length)
                .mapToDouble(i -> powers[i] / sum)
                .toArray();
    }

    private static final Set<Integer> ALL = Set.of(0, 1, 2, 3, 4);

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2})
    void draws_have_the_probabilities_of_the_temperature(double temperature) {
        assertTrue(misfit(new Choice.Sampling(temperature, 0, 1), powers(1 / temperature, ALL)) < 5);
    }

    @Test
    void draws_from_what_is_left_have_its_probabilities() {
        assertTrue(misfit(new Choice.Sampling(1, 3, 1), powers(1, Set.of(0, 2, 3))) < 5);
        assertTrue(misfit(new Choice.Sampling(1, 0, 0.8), powers(1, Set.of(0, 2, 3))) < 5);
        assertTrue(misfit(new Choice.Sampling(2, 4, 0.7), powers(0.5, Set.of(0, 2, 3))) < 5);
    }

    @Test
    void the_statistic_notices_another_temperature_and_another_cut() {
        assertTrue(misfit(new Choice.Sampling(1, 0, 1), powers(1 / 1.1, ALL)) > 5);
        assertTrue(misfit(new Choice.Sampling(1, 4, 1), powers(1, ALL)) > 5);
        assertTrue(misfit(new Choice.Sampling(1, 0, 1), powers(1, Set.of(0, 1, 2, 3))) > 5);
    }

    @Test
    void a_penalty_divides_logits_above_zero_and_multiplies_those_below() {
        float[] logits = {3, 2, -1, -2, 0};
        Sampler sampler =
                new Sampler(new GenerationRules(new Choice.Greedy(), 4, 1, Set.of(), Set.of(), 1), new SplitMix64(1));
        assertEquals(1, sampler.choose(logits, Set.of(0, 2, 4)));
        assertEquals(
                List.of(0.75f, 2f, -4f, -2f, 0f),
                IntStream.range(0, 5).mapToObj(i -> logits[i]).toList());
    }

    @Test
    void rules_that_cannot_be_followed_are_refused() {
        refused("temperature must be > 0", () -> new Choice.Sampling(0, 0, 1));
        refused("top k must be >= 0", () -> new Choice.Sampling(1, -1, 1));
        refused("top p must be > 0 and <= 1, got 0.0", () -> new Choice.Sampling(1, 0, 0));
        refused("top p must be > 0 and <= 1, got NaN", () -> new Choice.Sampling(1, 0, Double.NaN));
        refused(
                "repetition penalty must be > 0",
                () -> new GenerationRules(new Choice.Greedy(), 0, 1, Set.of(), Set.of(), 1));
        refused(
                "the number of tokens must be >= 1",
                () -> new GenerationRules(new Choice.Greedy(), 1, 0, Set.of(), Set.of(), 1));
        refused("a prompt must have at least one token", () -> Prompt.of(List.of()));
    }
}
