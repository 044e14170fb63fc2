/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.amend4j.internal.lora.init.StartCase.matrix;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.lora.config.EvaConfig;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** EVA: principal components of inputs that come in pieces, and ranks by what they explain. */
class EvaTest {

    private static final int INPUTS = 12;
    private static final Eva EVA = new Eva(EvaConfig.standard());

    /** Rows that vary in this many directions about a mean that is not zero, with standard deviations 1, 1/2, 1/3, … */
    private static INDArray rows(DataType type, int rows, int directions, long seed) {
        Random random = new Random(seed);
        double[][] spread = StartCase.normal(random, rows, directions);
        double[][] basis = StartCase.normal(random, directions, INPUTS);
        double[][] x = new double[rows][INPUTS];
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < directions; k++) {
                Matrices.add(spread[i][k] / (k + 1), basis[k], x[i]);
            }
            for (int j = 0; j < INPUTS; j++) {
                x[i][j] += 3 + j;
            }
        }
        return Nd4j.createFromArray(x).castTo(type);
    }

    private static InputComponents inPieces(INDArray rows, int kept, int... ends) {
        InputComponents components = new InputComponents("dense", INPUTS, kept);
        int from = 0;
        for (int to : ends) {
            components.addInPlace(rows.get(NDArrayIndex.interval(from, to), NDArrayIndex.all()));
            from = to;
        }
        components.addInPlace(rows.get(NDArrayIndex.interval(from, (int) rows.size(0)), NDArrayIndex.all()));
        return components;
    }

    /** The centred scatter matrix by definition. */
    private static SymmetricSpectrum scatter(INDArray rows) {
        double[][] x = matrix(rows);
        double[] mean = new double[INPUTS];
        for (double[] row : x) {
            Matrices.add(1.0 / x.length, row, mean);
        }
        double[][] scatter = new double[INPUTS][INPUTS];
        for (double[] row : x) {
            double[] centred = row.clone();
            Matrices.add(-1, mean, centred);
            for (int i = 0; i < INPUTS; i++) {
                Matrices.add(centred[i], centred, scatter[i]);
            }
        }
        return SymmetricSpectrum.of(scatter);
    }

    /**
     * The largest element of the difference of two projections on the first components. By Davis and Kahan an error E of the
     * scatter matrix turns the subspace by E over the gap of its eigenvalues.
     */
    private static double distance(INDArray a, SymmetricSpectrum batch) {
        double[][] ours = matrix(a);
        double[][] difference = Matrices.multiply(ours, Matrices.transpose(ours));
        for (int k = 0; k < ours[0].length; k++) {
            double[] vector = batch.vectors()[INPUTS - 1 - k];
            for (int i = 0; i < INPUTS; i++) {
                Matrices.add(-vector[i], vector, difference[i]);
            }
        }
        return Matrices.size(difference);
    }

    private static double tolerance(SymmetricSpectrum batch, int rank) {
        double gap = batch.values()[INPUTS - rank] - batch.values()[INPUTS - rank - 1];
        return 1e4 * 0x1p-53 * batch.largest() / gap; // some hundred operations on means ten times the deviations
    }

    private static StartFactors start(InputComponents components, DataType type, int rank) {
        return EVA.of(new StartSite("dense", Nd4j.ones(type, INPUTS, 9), rank, 2, 1), components);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void pieces_give_the_subspace_of_the_whole_while_the_kept_components_hold_all_variance(int rank) {
        INDArray few = rows(DataType.DOUBLE, 60, 4, 1);
        INDArray all = rows(DataType.DOUBLE, 60, INPUTS, 2);
        for (InputComponents components :
                List.of(inPieces(few, 4), inPieces(few, 4, 1, 2, 5), inPieces(few, 6, 20, 40), inPieces(few, 12, 59))) {
            assertTrue(distance(start(components, DataType.DOUBLE, rank).a(), scatter(few))
                    <= tolerance(scatter(few), rank));
        }
        for (InputComponents components : List.of(inPieces(all, 12), inPieces(all, 12, 3, 30), inPieces(all, 12, 59))) {
            assertTrue(distance(start(components, DataType.DOUBLE, rank).a(), scatter(all))
                    <= tolerance(scatter(all), rank));
        }
    }

    /** The twin: where something is cut off between pieces, the subspace is another one, and the comparison says so. */
    @Test
    void what_is_cut_off_between_pieces_is_lost() {
        INDArray all = rows(DataType.DOUBLE, 60, INPUTS, 2);
        INDArray a = start(inPieces(all, 2, 5, 10, 20, 40), DataType.DOUBLE, 2).a();
        assertTrue(distance(a, scatter(all)) > 1e6 * tolerance(scatter(all), 2));
        InputComponents cut = inPieces(all, 2, 5, 10, 20, 40);
        InputComponents whole = inPieces(all, 12);
        assertTrue(cut.explainedVarianceRatios()[0] <= whole.explainedVarianceRatios()[0]);
    }

    /** A twin: without the mean's correction, the first component would be the mean's direction. */
    @Test
    void the_mean_is_no_component() {
        INDArray rows = rows(DataType.DOUBLE, 60, 3, 3);
        double[][] uncentred = Matrices.multiply(Matrices.transpose(matrix(rows)), matrix(rows));
        INDArray a = start(inPieces(rows, 3, 10), DataType.DOUBLE, 1).a();
        assertTrue(distance(a, SymmetricSpectrum.of(uncentred)) > 0.1);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void a_has_orthonormal_columns_and_b_is_zero(DataType type) {
        StartFactors start = start(inPieces(rows(type, 60, INPUTS, 4), 8, 20), type, 5);
        double[][] a = matrix(start.a());
        double[][] gram = Matrices.multiply(Matrices.transpose(a), a);
        double unit = type == DataType.FLOAT ? 0x1p-24 : 0x1p-53;
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(Matrices.identity(5)[i], gram[i], 3 * unit + 1e-14);
        }
        assertEquals(0, start.b().norm2Number().doubleValue(), 0);
        assertFalse(start.movesWeight());
    }

    @Test
    void ratios_are_eigenvalues_of_the_scatter_by_its_trace() {
        INDArray rows = rows(DataType.DOUBLE, 50, 5, 5);
        double[] values = scatter(rows).values();
        double trace = Arrays.stream(values).sum();
        double[] ratios = inPieces(rows, 6, 7, 30).explainedVarianceRatios();
        assertEquals(6, ratios.length);
        for (int k = 0; k < 5; k++) {
            assertEquals(values[INPUTS - 1 - k] / trace, ratios[k], 1e-12);
        }
        assertEquals(1, Arrays.stream(ratios).sum(), 1e-12);
    }

    @Test
    void a_batch_of_thousands_is_taken_in_pieces() {
        INDArray rows = rows(DataType.DOUBLE, 2500, 4, 6);
        InputComponents components = inPieces(rows, 4);
        assertEquals(2500, components.count());
        SymmetricSpectrum batch = scatter(rows);
        assertTrue(distance(start(components, DataType.DOUBLE, 2).a(), batch) <= 50 * tolerance(batch, 2));
    }

    @Test
    void inputs_that_never_vary_explain_nothing() {
        InputComponents constant = inPieces(Nd4j.ones(DataType.DOUBLE, 8, INPUTS), 4, 3);
        assertArrayEquals(new double[4], constant.explainedVarianceRatios(), 0);
    }

    @Test
    void equal_batches_converge_and_batches_of_other_directions_do_not() {
        INDArray rows = rows(DataType.DOUBLE, 40, 3, 7);
        InputComponents components = new InputComponents("dense", INPUTS, EVA.kept(1, INPUTS));
        assertFalse(EVA.isConverged(components, 1));
        components.addInPlace(rows);
        assertFalse(EVA.isConverged(components, 1), "one batch is compared with nothing");
        components.addInPlace(rows);
        assertTrue(EVA.isConverged(components, 1));
        components.addInPlace(rows(DataType.DOUBLE, 40, 3, 8).mul(50));
        assertFalse(EVA.isConverged(components, 1));
    }

    @Test
    void ranks_grow_by_rho_at_most_and_never_beyond_the_inputs() {
        assertEquals(8, EVA.kept(4, 100));
        assertEquals(5, EVA.kept(4, 5));
        assertEquals(4, new Eva(new EvaConfig(1, 0.9)).kept(4, 100));
        assertEquals(6, new Eva(new EvaConfig(1.4, 0.9)).kept(4, 100));
    }

    @Test
    void without_room_to_grow_ranks_stay() {
        Map<String, Integer> ranks = new LinkedHashMap<>(Map.of("a", 2));
        ranks.put("b", 3);
        Map<String, InputComponents> components = new LinkedHashMap<>();
        components.put("a", inPieces(rows(DataType.DOUBLE, 60, 2, 9), 2));
        components.put("b", inPieces(rows(DataType.DOUBLE, 60, 9, 10), 3));
        assertEquals(ranks, new Eva(new EvaConfig(1, 0.9)).ranks(ranks, components));
    }

    /** Against every distribution of ranks with the sum and the bounds. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void no_other_ranks_explain_more(long seed) {
        Random random = new Random(seed);
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, InputComponents> components = new LinkedHashMap<>();
        for (String target : List.of("z", "m", "a")) {
            ranks.put(target, 1 + random.nextInt(3));
            int directions = 1 + random.nextInt(INPUTS);
            components.put(target, inPieces(rows(DataType.DOUBLE, 60, directions, random.nextLong()), 6, 30));
        }
        Map<String, Integer> found = EVA.ranks(ranks, components);
        int budget = ranks.values().stream().mapToInt(r -> r).sum();
        assertEquals(budget, found.values().stream().mapToInt(r -> r).sum());
        assertEquals(List.of("z", "m", "a"), List.copyOf(found.keySet()));
        double best = 0;
        for (int z = 0; z <= 2 * ranks.get("z"); z++) {
            for (int m = 0; m <= 2 * ranks.get("m"); m++) {
                int a = budget - z - m;
                if (a >= 0 && a <= 2 * ranks.get("a")) {
                    best = Math.max(best, explained(components, Map.of("z", z, "m", m, "a", a)));
                }
            }
        }
        assertEquals(best, explained(components, found), 1e-12);
        found.forEach((target, rank) -> assertTrue(rank <= 2 * ranks.get(target)));
    }

    private static double explained(Map<String, InputComponents> components, Map<String, Integer> ranks) {
        double sum = 0;
        for (Map.Entry<String, Integer> entry : ranks.entrySet()) {
            double[] ratios = components.get(entry.getKey()).explainedVarianceRatios();
            sum += Arrays.stream(ratios).limit(entry.getValue()).sum();
        }
        return sum;
    }

    @Test
    void among_equals_the_earlier_layer_wins() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("z", 1);
        ranks.put("a", 2);
        Map<String, double[]> ratios = Map.of("z", new double[] {0.5, 0.3}, "a", new double[] {0.5, 0.3, 0.1});
        assertEquals(Map.of("z", 2, "a", 1), Eva.redistributed(ranks, ratios));
    }

    @Test
    void rows_may_be_views_of_any_order() {
        INDArray wide = TestNetworks.normal(DataType.FLOAT, new Random(11), 20, INPUTS + 3);
        INDArray view = wide.get(NDArrayIndex.interval(2, 18), NDArrayIndex.interval(1, INPUTS + 1));
        double[] expected = inPieces(view.dup('c'), 4).explainedVarianceRatios();
        assertArrayEquals(expected, inPieces(view, 4).explainedVarianceRatios(), 0);
        assertArrayEquals(expected, inPieces(view.dup('f'), 4).explainedVarianceRatios(), 0);
    }
}
