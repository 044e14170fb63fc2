/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SubjectScoresTest {

    @Test
    void aSubjectIsTheMeanOfTheirRecords() {
        SubjectScores scores = SubjectScores.of("loss", new double[] {1, 10, 2, 6}, new long[] {7, -3, 7, 7});
        assertArrayEquals(new long[] {7, -3}, scores.subjects());
        assertArrayEquals(new double[] {3, 10}, scores.column(0));
        assertEquals(2, scores.size());
        SubjectScores rows =
                SubjectScores.ofRows("rows", new double[][] {{1, 2}, {3, 6}, {0, 1}}, new long[] {1, 1, 2});
        assertArrayEquals(new double[] {2, 4}, rows.rows()[0]);
        assertArrayEquals(new double[] {4, 1}, rows.column(1));
    }

    @Test
    void badRecordsAreRefused() {
        long[] two = {1, 2};
        refused("each record needs a subject", () -> SubjectScores.of("loss", new double[3], two));
        refused("number of records of loss must be >= 1", () -> SubjectScores.of("loss", new double[0], new long[0]));
        refused(
                "loss, record 1, must be finite, got NaN",
                () -> SubjectScores.of("loss", new double[] {0, Double.NaN}, two));
        refused(
                "must be as long as the first (1), got 2",
                () -> SubjectScores.ofRows("rows", new double[][] {{1}, {1, 2}}, two));
        refused("number of columns", () -> SubjectScores.ofRows("rows", new double[2][0], two));
    }

    /**
     * 42 subjects against 200, four records each, of which the subject decides 80 % of the variance. The deviation of 1,000 areas
     * is known to 2.2 %; 4.5 times that, a false alarm has chance 7e-6. Records as units, the twin, make it too small by
     * the square root of 1 + 3·0.8, about 1.84.
     */
    @Test
    void subjectsGiveTheDeviationAndRecordsUnderstateIt() {
        SplittableRandom random = new SplittableRandom(21);
        double[] bySubject = new double[1000];
        double[] byRecord = new double[1000];
        for (int i = 0; i < bySubject.length; i++) {
            double[] members = records(random, 42);
            double[] others = records(random, 200);
            bySubject[i] = Auc.of(means(members), means(others));
            byRecord[i] = Auc.of(members, others);
        }
        double subjects = Math.sqrt(AucTest.variance(bySubject)) / Auc.nullDeviation(42, 200);
        double records = Math.sqrt(AucTest.variance(byRecord)) / Auc.nullDeviation(4 * 42, 4 * 200);
        assertEquals(1, subjects, 4.5 * 0.0224);
        assertTrue(records > 1.6, "ratio " + records);
    }

    private static double[] records(SplittableRandom random, int subjects) {
        double[] common = AucTest.normal(random, subjects, 0);
        double[] records = AucTest.normal(random, 4 * subjects, 0);
        for (int i = 0; i < records.length; i++) {
            records[i] = Math.sqrt(0.8) * common[i / 4] + Math.sqrt(0.2) * records[i];
        }
        return records;
    }

    private static double[] means(double[] records) {
        long[] subjects = new long[records.length];
        Arrays.setAll(subjects, i -> i / 4);
        return SubjectScores.of("scores", records, subjects).column(0);
    }
}
