/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianMechanism;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.sensitivity.FullBatch;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader, and the numbers an independent implementation (NumPy) gave for the same recipe. */
class RandHieTest {

    private static final String HEADER = "mdvis,lncoins,idp,lpi,fmde,physlm,disea,hlthg,hlthf,hlthp\n";
    private static final String ROW = "2,4.61512,1,6.907755,0,0,13.73189,1,0,0\n";

    private static final double DECAY = 0.01;
    private static final double STEP = 1 / 0.26;
    private static final int STEPS = 400;
    private static final double NORMALISER = 16_384;

    private static RandHie data;

    @BeforeAll
    static void read() throws IOException {
        data = RandHie.read();
    }

    private static RandHie read(String text) throws IOException {
        return RandHie.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "t.csv");
    }

    private static double testAuc(RandHieSplit split, double[] theta) {
        int[] rows = split.test().stream().mapToInt(id -> (int) id).toArray();
        return Ranks.auc(
                IntStream.of(rows)
                        .mapToDouble(row -> Ranks.dot(theta, data.features(row)))
                        .toArray(),
                IntStream.of(rows).mapToDouble(row -> data.label(row, 1)).toArray());
    }

    private static HeadObjective objective(RandHieSplit split) {
        return split.objective(1).withNormaliser(NORMALISER).withWeightDecay(DECAY);
    }

    @Test
    void subjects_are_the_runs_of_equal_covariates() throws IOException {
        assertEquals(20_190, data.size());
        assertEquals(5_294, data.subjects());
        String other = ROW.replace("6.907755", "6.907756");
        RandHie small = read(HEADER + ROW + "7" + ROW.substring(1) + other + ROW);
        assertArrayEquals(
                new int[] {0, 0, 1, 2},
                IntStream.range(0, small.size()).map(small::person).toArray());
        assertEquals(7, small.visits(1));
    }

    /** To the digits of the reference: half a unit of the last one. */
    @Test
    void the_first_row_becomes_the_features_of_the_recipe() {
        double[] expected = {
            0.32689, 0.375, 0.2407755, -0.285714286, -0.0833333333, 0.0975675, 0.3, -0.0833333333, 0, 0.25
        };
        assertArrayEquals(expected, data.features(0), 5e-10);
        assertEquals(0, data.label(0, 1));
        assertEquals(1, data.label(1, 1));
    }

    @Test
    void no_feature_row_is_longer_than_the_radius_and_one_in_ten_is_shortened() {
        long clipped = 0;
        for (int row = 0; row < data.size(); row++) {
            double[] x = data.features(row);
            // dots of ten terms err by less than 10 units
            assertTrue(Math.sqrt(Ranks.dot(x, x)) <= RandHie.RADIUS * (1 - 1e-15), "row " + row);
            clipped += x[RandHie.FEATURES - 1] < 0.25 ? 1 : 0;
        }
        assertEquals(0.107, (double) clipped / data.size(), 5e-4);
    }

    @Test
    void split_0_has_the_subjects_and_rows_of_the_recipe() {
        RandHieSplit split = data.split(0);
        assertEquals(4_230, split.deletionOrder().size());
        assertEquals(16_146, split.training().size());
        assertEquals(4_044, split.test().size());
        assertEquals(0, split.firstSubjects(0).size());
        assertEquals(15, split.firstSubjects(1).size());
        assertEquals(48, split.firstSubjects(10).size());
        assertEquals(179, split.firstSubjects(42).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void a_split_parts_the_rows_by_person_and_fits_the_normaliser(int number) {
        RandHieSplit split = data.split(number);
        assertTrue(
                split.training().size() <= 16_332,
                "training rows: " + split.training().size());
        RecordIds everybody = split.firstSubjects(split.deletionOrder().size());
        assertEquals(split.training(), everybody);
        assertEquals(RecordIds.firstN(data.size()).without(split.training()), split.test());
    }

    @Test
    void training_and_unlearning_give_the_numbers_of_the_reference() {
        RandHieSplit split = data.split(0);
        HeadObjective all = objective(split);
        HeadObjective retained = all.restrictedTo(all.records().without(split.firstSubjects(42)));
        double[] start = new double[RandHie.FEATURES];
        int redone = 100;

        double[] checkpoint = Descent.run(all, start, STEP, STEPS - redone);
        double[] learned = Descent.run(all, checkpoint, STEP, redone);
        double[] unlearned = Descent.run(retained, checkpoint, STEP, redone);
        double[] retrained = Descent.run(retained, start, STEP, STEPS);

        // half a unit of the last digit given
        double[] theta = {
            -0.565297242,
            -0.405397614,
            0.381731909,
            -0.476429214,
            0.251651102,
            0.814385017,
            -0.145213136,
            -0.189113261,
            0.0930887605,
            1.78388485
        };
        double[] digits = {5e-10, 5e-10, 5e-10, 5e-10, 5e-10, 5e-10, 5e-10, 5e-10, 5e-11, 5e-9};
        for (int i = 0; i < theta.length; i++) {
            assertEquals(theta[i], learned[i], digits[i], "theta " + i);
        }
        assertEquals(2.197936, Math.sqrt(Ranks.dot(learned, learned)), 5e-7);
        assertEquals(0.640744781, testAuc(split, learned), 5e-10);
        assertEquals(0.640874, testAuc(split, retrained), 5e-7);
        double distance = distance(unlearned, retrained);
        assertEquals(1.26017e-5, distance, 5e-11);
        assertTrue(distance <= bounds(all).rewind(redone).delta());
    }

    private static double distance(double[] a, double[] b) {
        double[] difference =
                IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
        return Math.sqrt(Ranks.dot(difference, difference));
    }

    private static FullBatch bounds(HeadObjective all) {
        LossBounds head = new LinearHead.Logistic().bounds(RandHie.RADIUS).withCurvature(LossCurvature.STRONGLY_CONVEX);
        StepMap step = new StepMap(STEP, DECAY, new Normaliser.Fixed(NORMALISER));
        return new FullBatch(head, step, all.records().size(), 179, STEPS);
    }

    /** Δ to the digits given; σ also has the mechanism's own margin of 1e-9. */
    @Test
    void the_sensitivity_and_the_noise_are_those_of_the_reference() {
        double delta = bounds(objective(data.split(0))).rewind(100).delta();
        assertEquals(0.02163195599, delta, 5e-12);
        double sigma = GaussianMechanism.sigma(delta, new PrivacyBudget(1, 1e-5));
        assertEquals(0.0807008593, sigma, 5e-11 + 2e-9 * sigma);
    }

    @Test
    void the_objective_has_the_rows_of_the_radius() {
        assertTrue(objective(data.split(3)).largestFeatureNorm() <= RandHie.RADIUS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1,2,3;t.csv, line 2: 10 cells expected, got 3",
                "x,4.6,1,6.9,0,0,13.7,1,0,0;t.csv, line 2, column mdvis: a finite number is expected, got 'x'",
                "2,4.6,1,6.9,NaN,0,13.7,1,0,0;t.csv, line 2, column fmde: a finite number is expected, got 'NaN'",
                "2,4.6,1,1e999,0,0,13.7,1,0,0;t.csv, line 2, column lpi: a finite number is expected, got '1e999'",
                "2,4.6,1,,0,0,13.7,1,0,0;t.csv, line 2, column lpi: a finite number is expected, got ''",
                "1.5,4.6,1,6.9,0,0,13.7,1,0,0;t.csv, line 2, column mdvis: a count is expected, got '1.5'"
            })
    void a_bad_row_is_refused_with_its_place(String row, String sentence) {
        BadInputException refused = assertThrows(BadInputException.class, () -> read(HEADER + row + "\n"));
        assertEquals(sentence, refused.getMessage());
    }

    @Test
    void a_table_without_its_header_or_rows_or_in_another_alphabet_is_refused() {
        assertThrows(BadInputException.class, () -> read(ROW));
        assertThrows(BadInputException.class, () -> read(""));
        assertThrows(BadInputException.class, () -> read(HEADER));
        assertThrows(BadInputException.class, () -> read(HEADER + "ä" + ROW));
    }
}
