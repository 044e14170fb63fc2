/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import static org.amend4j.lora.combine.RandomAdapters.change;
import static org.amend4j.lora.combine.RandomAdapters.dense;
import static org.amend4j.lora.combine.RandomAdapters.norm;
import static org.amend4j.lora.combine.RandomAdapters.only;
import static org.amend4j.lora.combine.RandomAdapters.plus;
import static org.amend4j.lora.combine.RandomAdapters.sum;
import static org.amend4j.lora.combine.RandomAdapters.tolerance;
import static org.amend4j.lora.combine.RandomAdapters.weighted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.combine.CombinedLayer.Fidelity;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.LayerFactors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** "cat" and "svd" are the weighted sum, or as near to it as their rank allows. Weights are 7 x 5. */
class WeightedSumLawsTest {

    static List<Arguments> cases() {
        return Stream.of(DataType.FLOAT, DataType.DOUBLE)
                .flatMap(type -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(type, seed)))
                .toList();
    }

    private static void near(double[][] expected, LayerFactors found) {
        assertEquals(0, norm(plus(expected, -1, change(found))), tolerance(found));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void one_adapter_with_weight_one_keeps_every_bit_and_its_scaling(DataType type, long seed) {
        for (double alpha : new double[] {1, 0.1, 6, 1.2345678901234567}) {
            for (int rank : new int[] {1, 3, 7, 49}) {
                AdapterContent one = dense(type, rank, alpha, seed);
                LayerFactors found = only(AdapterCombination.of(Combination.cat(), weighted("one", one, 1)));
                same(one.factors().get(0), found, 1);
                assertEquals(alpha, found.spec().alpha(), 2 * Math.ulp(alpha));
            }
        }
    }

    private static void same(LayerFactors expected, LayerFactors found, double sign) {
        assertEquals(expected.spec().scaling(), found.spec().scaling());
        assertTrue(ArrayBytes.same(expected.a().mul(sign), found.a()));
        assertTrue(ArrayBytes.same(expected.b(), found.b()));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void a_weight_scales_exactly_and_minus_one_negates(DataType type, long seed) {
        AdapterContent one = dense(type, 2, 6, seed);
        same(one.factors().get(0), only(AdapterCombination.of(Combination.cat(), weighted("one", one, -1))), -1);
        for (double weight : new double[] {0.7, -0.7, 1e-9, 300}) {
            LayerFactors found = only(AdapterCombination.of(Combination.cat(), weighted("one", one, weight)));
            // all of the weight is in the scaling
            assertEquals(3 * Math.abs(weight), found.spec().scaling(), Math.ulp(3 * Math.abs(weight)));
            assertTrue(ArrayBytes.same(one.factors().get(0).a().mul(Math.signum(weight)), found.a()));
            near(plus(new double[7][5], weight, change(one.factors().get(0))), found);
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void twins_with_weights_one_and_minus_one_give_zero_and_a_weight_of_zero_adds_nothing(DataType type, long seed) {
        AdapterContent twin = dense(type, 2, 6, seed);
        for (Combination method : List.of(Combination.cat(), Combination.svd(2), Combination.linear())) {
            AdapterCombination none = AdapterCombination.of(method, weighted("a", twin, 1), weighted("b", twin, -1));
            double[][] change = change(only(none));
            assertEquals(
                    0, norm(change), 64 * 0x1p-53 * norm(change(twin.factors().get(0))), method.toString());
            AdapterCombination nothing = AdapterCombination.of(method, weighted("a", twin, 0));
            assertEquals(0, norm(change(only(nothing))), method.toString());
            assertEquals(0, nothing.relativeError());
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void cat_is_the_weighted_sum_and_its_rank_the_sum_of_ranks(DataType type, long seed) {
        WeightedAdapter[] adapters = adapters(type, seed);
        AdapterCombination cat = AdapterCombination.of(Combination.cat(), adapters);
        near(sum(adapters), only(cat));
        CombinedLayer report = cat.layers().get(0);
        assertEquals(6, report.rank());
        assertEquals(Fidelity.EXACT, report.fidelity());
        assertEquals(norm(sum(adapters)), report.norm(), 1e-12 * report.norm());
        assertTrue(report.error() <= tolerance(only(cat)), report.toString());
    }

    /** Of ranks 2, 1 and 3, with different scalings and signs. */
    private static WeightedAdapter[] adapters(DataType type, long seed) {
        return new WeightedAdapter[] {
            weighted("a", dense(type, 2, 6, 10 * seed), 0.7),
            weighted("b", dense(type, 1, 1.5, 10 * seed + 1), -0.4),
            weighted("c", dense(type, 3, 1, 10 * seed + 2), 2)
        };
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void svd_at_a_rank_that_suffices_is_the_weighted_sum(DataType type, long seed) {
        WeightedAdapter[] adapters = adapters(type, seed);
        for (int rank : new int[] {5, 6, 1000}) {
            AdapterCombination svd = AdapterCombination.of(Combination.svd(rank), adapters);
            near(sum(adapters), only(svd));
            assertEquals(Fidelity.EXACT, svd.layers().get(0).fidelity());
            assertEquals(5, svd.layers().get(0).rank(), "no weight of 7 x 5 has more");
        }
        AdapterContent one = dense(type, 2, 6, seed);
        AdapterCombination twins =
                AdapterCombination.of(Combination.svd(2), weighted("a", one, 0.25), weighted("b", one, 0.5));
        assertEquals(Fidelity.EXACT, twins.layers().get(0).fidelity(), "four columns, rank two");
        near(sum(weighted("one", one, 0.75)), only(twins));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void truncated_svd_is_that_of_the_dense_sum_and_its_error_the_values_left_out(DataType type, long seed) {
        WeightedAdapter[] adapters = adapters(type, seed);
        DenseSvd dense = new DenseSvd(sum(adapters));
        for (int rank = 1; rank < 5; rank++) {
            AdapterCombination svd = AdapterCombination.of(Combination.svd(rank), adapters);
            LayerFactors stored = only(svd);
            CombinedLayer report = svd.layers().get(0);
            assertEquals(Fidelity.TRUNCATED, report.fidelity());
            assertEquals(rank, report.rank());
            assertEquals(dense.tail(rank), report.error(), tolerance(stored));
            assertEquals(norm(plus(sum(adapters), -1, change(stored))), report.error(), 1e-13 * report.norm());
            // singular vectors turn by the rounding over the gap behind them
            double gap = dense.value(rank - 1) - dense.value(rank);
            double turned = 64 * 0x1p-53 * dense.value(0) * dense.value(0) / gap;
            assertEquals(0, norm(plus(dense.truncated(rank), -1, change(stored))), tolerance(stored) + turned);
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void the_factors_of_an_svd_share_the_singular_values(DataType type, long seed) {
        LayerFactors stored = only(AdapterCombination.of(Combination.svd(3), adapters(type, seed)));
        assertEquals(1, stored.spec().scaling());
        double a = norm(RandomAdapters.array(stored.a()));
        assertEquals(a, norm(RandomAdapters.array(stored.b())), 8 * RandomAdapters.roundoff(type) * a);
    }
}
