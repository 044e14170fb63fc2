/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import static org.amend4j.lora.combine.RandomAdapters.array;
import static org.amend4j.lora.combine.RandomAdapters.change;
import static org.amend4j.lora.combine.RandomAdapters.dense;
import static org.amend4j.lora.combine.RandomAdapters.norm;
import static org.amend4j.lora.combine.RandomAdapters.only;
import static org.amend4j.lora.combine.RandomAdapters.plus;
import static org.amend4j.lora.combine.RandomAdapters.tolerance;
import static org.amend4j.lora.combine.RandomAdapters.weighted;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.combine.CombinedLayer.Fidelity;
import org.amend4j.lora.combine.Pruning.Signs;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** PEFT's ways to combine, against what its documentation and papers say, written down value by value. */
class PeftSumTest {

    private static final double DENSITY = 0.4;

    /** Of rank 2 and scalings 3, 0.75 and 1. */
    private static WeightedAdapter[] adapters(long seed) {
        return new WeightedAdapter[] {
            weighted("a", dense(DataType.DOUBLE, 2, 6, 10 * seed), 0.7),
            weighted("b", dense(DataType.DOUBLE, 2, 1.5, 10 * seed + 1), -0.4),
            weighted("c", dense(DataType.DOUBLE, 2, 2, 10 * seed + 2), 2)
        };
    }

    private interface Expected {
        double[][] of(List<double[][]> arrays, double[] weights);
    }

    private static double scaling(WeightedAdapter adapter) {
        return adapter.content().factors().get(0).spec().scaling();
    }

    /** The product of the combined A's and B's. */
    private static double[][] ofFactors(WeightedAdapter[] adapters, Expected rule) {
        List<double[][]> as = new ArrayList<>();
        List<double[][]> bs = new ArrayList<>();
        double[] ofA = new double[adapters.length];
        double[] ofB = new double[adapters.length];
        for (int i = 0; i < adapters.length; i++) {
            as.add(array(adapters[i].content().factors().get(0).a()));
            bs.add(array(adapters[i].content().factors().get(0).b()));
            double factor = adapters[i].weight() * scaling(adapters[i]);
            ofB[i] = Math.sqrt(Math.abs(factor));
            ofA[i] = factor < 0 ? -ofB[i] : ofB[i];
        }
        return RandomAdapters.product(rule.of(as, ofA), rule.of(bs, ofB));
    }

    private static double[][] ofChanges(WeightedAdapter[] adapters, Expected rule) {
        return rule.of(
                Arrays.stream(adapters)
                        .map(adapter -> change(adapter.content().factors().get(0)))
                        .toList(),
                Arrays.stream(adapters).mapToDouble(WeightedAdapter::weight).toArray());
    }

    /** With all that is not among the largest set to zero. */
    private static double[][] largest(double[][] array) {
        List<Integer> places = new ArrayList<>();
        int columns = array[0].length;
        for (int i = 0; i < array.length * columns; i++) {
            places.add(i);
        }
        places.sort(Comparator.comparingDouble(i -> -Math.abs(array[i / columns][i % columns])));
        double[][] left = new double[array.length][columns];
        places.subList(0, (int) (DENSITY * places.size()))
                .forEach(i -> left[i / columns][i % columns] = array[i / columns][i % columns]);
        return left;
    }

    private static double[][] weightedSum(List<double[][]> arrays, double[] weights) {
        double[][] sum = new double[arrays.get(0).length][arrays.get(0)[0].length];
        for (int i = 0; i < weights.length; i++) {
            sum = plus(sum, weights[i], arrays.get(i));
        }
        return sum;
    }

    private static double[][] magnitude(List<double[][]> arrays, double[] weights) {
        return weightedSum(arrays.stream().map(PeftSumTest::largest).toList(), weights);
    }

    private static double[][] ties(List<double[][]> arrays, double[] weights, Signs signs) {
        List<double[][]> left = arrays.stream().map(PeftSumTest::largest).toList();
        double[][] merged = new double[left.get(0).length][left.get(0)[0].length];
        for (int i = 0; i < merged.length; i++) {
            for (int j = 0; j < merged[i].length; j++) {
                double total = 0;
                double count = 0;
                for (double[][] array : left) {
                    total += array[i][j];
                    count += Math.signum(array[i][j]);
                }
                boolean positive = (signs == Signs.TOTAL ? total : count) >= 0;
                double sum = 0;
                int agreeing = 0;
                for (int k = 0; k < weights.length; k++) {
                    double value = left.get(k)[i][j];
                    if (positive ? value > 0 : value < 0) {
                        sum += weights[k] * value;
                        agreeing++;
                    }
                }
                merged[i][j] = agreeing == 0 ? 0 : sum / agreeing;
            }
        }
        return merged;
    }

    private static void equal(double[][] expected, AdapterCombination found) {
        assertEquals(0, norm(plus(expected, -1, change(only(found)))), tolerance(only(found)));
        assertEquals(1, only(found).spec().scaling());
        assertEquals(Fidelity.NOT_THE_SUM, found.layers().get(0).fidelity());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void linear_adds_the_factors_and_so_has_products_between_adapters(long seed) {
        WeightedAdapter[] adapters = adapters(seed);
        AdapterCombination linear = AdapterCombination.of(Combination.linear(), adapters);
        double[][] expected = ofFactors(adapters, PeftSumTest::weightedSum);
        equal(expected, linear);
        double error = norm(plus(RandomAdapters.sum(adapters), -1, expected));
        assertEquals(error, linear.layers().get(0).error(), 1e-12 * error);
        assertTrue(linear.relativeError() > 0.1, "the cross terms are not small");
        AdapterCombination alone = AdapterCombination.of(Combination.linear(), adapters[1]);
        assertEquals(0, alone.relativeError(), 1e-14, "one adapter has no cross terms");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void magnitude_and_ties_are_what_their_definitions_give(long seed) {
        WeightedAdapter[] adapters = adapters(seed);
        Pruning magnitude = Pruning.magnitude(DENSITY);
        equal(
                ofFactors(adapters, PeftSumTest::magnitude),
                AdapterCombination.of(Combination.pruned(magnitude), adapters));
        equal(
                ofChanges(adapters, PeftSumTest::magnitude),
                AdapterCombination.of(Combination.prunedSvd(magnitude, 5), adapters));
        for (Signs signs : new Signs[] {Signs.TOTAL, Signs.FREQUENCY}) {
            Pruning ties = Pruning.ties(DENSITY, signs);
            Expected rule = (arrays, weights) -> ties(arrays, weights, signs);
            equal(ofFactors(adapters, rule), AdapterCombination.of(Combination.pruned(ties), adapters));
            double[][] changes = ofChanges(adapters, rule);
            equal(changes, AdapterCombination.of(Combination.prunedSvd(ties, 5), adapters));
            equal(new DenseSvd(changes).truncated(2), AdapterCombination.of(Combination.prunedSvd(ties, 2), adapters));
        }
    }

    /** PEFT 0.20 has the scaling in the change and again in the weight. */
    @Test
    void the_numbers_of_peft_on_whole_changes_follow_from_weights_times_scalings() {
        WeightedAdapter[] adapters = adapters(4);
        WeightedAdapter[] scaled = Arrays.stream(adapters)
                .map(adapter -> weighted(adapter.name(), adapter.content(), adapter.weight() * scaling(adapter)))
                .toArray(WeightedAdapter[]::new);
        double[][] pefts = weightedSum(
                Arrays.stream(adapters)
                        .map(adapter -> change(adapter.content().factors().get(0)))
                        .toList(),
                Arrays.stream(adapters)
                        .mapToDouble(adapter -> adapter.weight() * scaling(adapter))
                        .toArray());
        LayerFactors found = only(AdapterCombination.of(Combination.svd(5), scaled));
        assertEquals(0, norm(plus(pefts, -1, change(found))), tolerance(found));
    }

    @ParameterizedTest
    @EnumSource(Signs.class)
    void dare_is_a_pruning_by_draws_that_its_seed_repeats(Signs signs) {
        WeightedAdapter[] adapters = adapters(5);
        Pruning dare = new Pruning(new Pruning.Random(DENSITY, 17), signs);
        for (Combination method : List.of(Combination.pruned(dare), Combination.prunedSvd(dare, 3))) {
            LayerFactors first = only(AdapterCombination.of(method, adapters));
            LayerFactors second = only(AdapterCombination.of(method, adapters));
            assertTrue(ArrayBytes.same(first.a(), second.a()));
            assertTrue(ArrayBytes.same(first.b(), second.b()));
        }
        double[] other = PrunedSum.of(dare, values(), new double[] {1, -2}, new SplitMix64(18));
        double[] own = PrunedSum.of(dare, values(), new double[] {1, -2}, new SplitMix64(17));
        assertFalse(Arrays.equals(own, other));
        // drawn first for all values of the first array, then for those of the second
        SplitMix64 random = new SplitMix64(17);
        List<double[]> left = values();
        left.forEach(array -> {
            for (int i = 0; i < array.length; i++) {
                array[i] = random.nextDouble() < DENSITY ? array[i] / DENSITY : 0;
            }
        });
        Pruning whole = new Pruning(new Pruning.Largest(1), signs);
        assertArrayEquals(PrunedSum.of(whole, left, new double[] {1, -2}, new SplitMix64(0)), own);
    }

    private static List<double[]> values() {
        Random random = new Random(3);
        return List.of(
                random.doubles(40, -1, 1).toArray(), random.doubles(40, -1, 1).toArray());
    }

    private static final int DRAWS = 20_000;

    /** Whether a mean can be that of the values: six deviations, exceeded by chance once in 10⁷ tests of 40 values. */
    private static boolean canBe(double[] expected, double[] mean) {
        for (int i = 0; i < mean.length; i++) {
            double deviation = Math.abs(expected[i]) * Math.sqrt((1 - DENSITY) / DENSITY / DRAWS);
            if (Math.abs(mean[i] - expected[i]) > 6 * deviation) {
                return false;
            }
        }
        return true;
    }

    @Test
    void the_expectation_of_dare_is_the_array_and_would_not_be_without_its_division() {
        double[] array = values().get(0);
        double[] mean = new double[array.length];
        for (int seed = 0; seed < DRAWS; seed++) {
            Pruning dare = Pruning.dareLinear(DENSITY, seed);
            double[] drawn = PrunedSum.of(dare, List.of(array), new double[] {1}, new SplitMix64(dare.seed()));
            for (int i = 0; i < mean.length; i++) {
                mean[i] += drawn[i] / DRAWS;
            }
        }
        assertTrue(canBe(array, mean));
        assertFalse(
                canBe(array, Arrays.stream(mean).map(value -> value * DENSITY).toArray()));
    }

    @Test
    void of_equal_magnitudes_the_first_are_left_and_a_density_of_one_leaves_all() {
        double[] array = {1, -1, 2, 1, -3, 1};
        double[] half = PrunedSum.of(Pruning.magnitude(0.5), List.of(array), new double[] {1}, new SplitMix64(0));
        assertArrayEquals(new double[] {1, 0, 2, 0, -3, 0}, half);
        assertArrayEquals(
                array, PrunedSum.of(Pruning.dareLinear(1, 5), List.of(array), new double[] {1}, new SplitMix64(5)));
        assertArrayEquals(
                new double[6],
                PrunedSum.of(Pruning.magnitude(0.1), List.of(array), new double[] {1}, new SplitMix64(0)));
    }

    @Test
    void names_are_those_of_peft() {
        assertEquals("cat", Combination.cat().peftName());
        assertEquals("svd", Combination.svd(1).peftName());
        assertEquals("linear", Combination.linear().peftName());
        assertEquals("magnitude_prune", Combination.pruned(Pruning.magnitude(1)).peftName());
        assertEquals(
                "ties_svd",
                Combination.prunedSvd(Pruning.ties(1, Signs.TOTAL), 1).peftName());
        assertEquals("dare_linear", Combination.pruned(Pruning.dareLinear(1, 1)).peftName());
        assertEquals(
                "dare_ties_svd",
                Combination.prunedSvd(Pruning.dareTies(1, Signs.FREQUENCY, 1), 1)
                        .peftName());
        assertNotEquals(Combination.svd(1), Combination.svd(2));
    }
}
