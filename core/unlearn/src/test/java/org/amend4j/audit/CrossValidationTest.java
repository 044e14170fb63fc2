/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossValidationTest {

    private static final CrossValidation USUAL = CrossValidation.usual(5);

    private static final CrossValidation QUICK = new CrossValidation(3, 1, 20, 1, 5);

    /**
     * 200 audits of features that tell nothing. Twenty permutations know the deviation to 16 %, which turns the 2.5 % of the
     * normal law's upper tail into 3.2 % (Student's law with 20 degrees) and 4 % with the area's heavier tails: 8 alarms;
     * 21 or more have chance 2e-4. The deviation of 200 areas is known to 5 %, and 10 % are left to the reported one. The
     * twin, the formula of Mann and Whitney, is too small.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    @OneIn(2)
    void noSignalIsSeldomDetectedAndTheNullDeviationIsTheTrueOne(int columns) {
        SplittableRandom random = new SplittableRandom(31);
        int alarms = 0;
        double[] areas = new double[200];
        double reported = 0;
        for (int i = 0; i < areas.length; i++) {
            AttackScore score = QUICK.score(subjects(random, 30, columns, 0), subjects(random, 40, columns, 0), 0.95);
            areas[i] = score.auc();
            reported += score.nullDeviation() / areas.length;
            alarms += score.detects() ? 1 : 0;
        }
        double deviation = Math.sqrt(AucTest.variance(areas));
        assertTrue(alarms < 21, alarms + " alarms");
        assertEquals(1, deviation / reported, 0.1 + 4 * 0.05);
        assertTrue(deviation > 1.1 * Auc.nullDeviation(30, 40), "deviation " + deviation);
    }

    /** A shift of one deviation has area 0.76, and the null deviation is about 0.07. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aSignalIsDetected(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        AttackScore score = USUAL.score(subjects(random, 60, 2, 1), subjects(random, 60, 2, 0), 0.95);
        assertTrue(score.detects(), score.toString());
    }

    /** 40 columns separate 40 subjects; 4.5 deviations by the formula are at least 3 true ones. */
    @Test
    void whatIsMemorisedIsNotCounted() {
        SplittableRandom random = new SplittableRandom(32);
        SubjectScores members = subjects(random, 20, 40, 0);
        SubjectScores others = subjects(random, 20, 40, 0);
        double[][] rows = Arrays.copyOf(members.rows(), 40);
        System.arraycopy(others.rows(), 0, rows, 20, 20);
        boolean[] positive = new boolean[40];
        Arrays.fill(positive, 0, 20, true);
        LogisticRegression all = LogisticRegression.fit(rows, positive, 0.1);
        double[] scores = Arrays.stream(rows).mapToDouble(all::logOdds).toArray();
        assertEquals(1, Auc.of(Arrays.copyOf(scores, 20), Arrays.copyOfRange(scores, 20, 40)));
        double heldOut = new CrossValidation(5, 10, 10, 0.1, 3)
                .score(members, others, 0.95)
                .auc();
        assertTrue(heldOut < 0.5 + 4.5 * Auc.nullDeviation(20, 20), "area " + heldOut);
    }

    @Test
    void theSeedDecidesEverything() {
        SplittableRandom random = new SplittableRandom(33);
        SubjectScores members = subjects(random, 30, 2, 0.5);
        SubjectScores others = subjects(random, 90, 2, 0);
        assertEquals(QUICK.score(members, others, 0.95), QUICK.score(members, others, 0.95));
        assertNotEquals(
                QUICK.score(members, others, 0.95), new CrossValidation(3, 1, 20, 1, 6).score(members, others, 0.95));
    }

    /** In any order, by anybody who was sent them; permutations numbered by their places in shares are the twin. */
    @Test
    void aPermutationsAreaIsAFunctionOfItsNumber() throws Exception {
        SplittableRandom random = new SplittableRandom(36);
        SubjectScores members = subjects(random, 20, 2, 0.5);
        SubjectScores others = subjects(random, 30, 2, 0);
        PermutedClasses classes = new PermutedClasses(QUICK, members, others);
        double[] areas = classes.areas();
        PermutedClasses sent = sent(classes);
        double[] elsewhere = new double[areas.length];
        IntStream.iterate(areas.length - 1, i -> i >= 0, i -> i - 1).forEach(i -> elsewhere[i] = sent.area(i));
        assertArrayEquals(areas, elsewhere);
        assertEquals(areas.length, Arrays.stream(areas).distinct().count());
        assertEquals(QUICK.score(members, others, 0.95), QUICK.score(members, others, 0.95, all -> elsewhere));
        assertNotEquals(
                QUICK.score(members, others, 0.95),
                QUICK.score(
                        members,
                        others,
                        0.95,
                        all -> IntStream.range(0, areas.length)
                                .mapToDouble(i -> sent.area(i % 10))
                                .toArray()));
        refused(
                "each of 20 permutations has an area, got 19",
                () -> QUICK.score(members, others, 0.95, all -> Arrays.copyOf(areas, 19)));
    }

    private static PermutedClasses sent(PermutedClasses classes) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(classes);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (PermutedClasses) in.readObject();
        }
    }

    /** Either class may be the larger one, and whom no repeat drew does not count. */
    @Test
    void theLargerClassIsUndersampled() {
        SplittableRandom random = new SplittableRandom(34);
        SubjectScores few = subjects(random, 20, 1, 1.5);
        SubjectScores many = subjects(random, 400, 1, 0);
        AttackScore score = new CrossValidation(5, 3, 10, 1, 1).score(few, many, 0.95);
        assertEquals(20, score.members());
        assertTrue(score.others() > 40 && score.others() <= 60, score.toString());
        assertTrue(score.nullDeviation() >= Auc.nullDeviation(20, score.others()), score.toString());
        assertTrue(score.detects());
        AttackScore swapped = new CrossValidation(5, 3, 10, 1, 1).score(many, few, 0.95);
        assertEquals(20, swapped.others());
        assertTrue(swapped.detects());
    }

    /**
     * With one feature a regression that finds the right sign gives the feature's own area: fold by fold comparisons differ
     * from comparisons with all others by less than half a deviation, here 0.02. The interval is the longer one, of the
     * null deviation.
     */
    @Test
    void oneFeatureIsItsOwnScore() {
        SplittableRandom random = new SplittableRandom(35);
        SubjectScores members = subjects(random, 150, 1, -1.2);
        SubjectScores others = subjects(random, 150, 1, 0);
        AttackScore learned = USUAL.score(members, others, 0.95);
        AttackScore direct = Auc.score(
                Arrays.stream(members.column(0)).map(x -> -x).toArray(),
                Arrays.stream(others.column(0)).map(x -> -x).toArray());
        assertEquals(direct.auc(), learned.auc(), 0.02);
        assertTrue(learned.low() < direct.low() && learned.high() > direct.high(), learned + " " + direct);
        assertEquals(1.959963984540054 * learned.nullDeviation(), learned.auc() - learned.low(), 1e-12);
        assertEquals(direct.truePositiveRateAt1Percent(), learned.truePositiveRateAt1Percent(), 0.1);
    }

    /** Nothing varies, so that all pairs tie. */
    @Test
    void constantFeaturesGiveOneHalf() {
        long[] subjects = LongStream.range(0, 10).toArray();
        SubjectScores same = SubjectScores.of("same", new double[10], subjects);
        AttackScore score = USUAL.score(same, same, 0.95);
        assertEquals(0.5, score.auc());
        assertTrue(score.low() < 0.3 && score.high() > 0.7, score.toString());
    }

    @Test
    void badInputIsRefused() {
        SplittableRandom random = new SplittableRandom(36);
        SubjectScores ten = subjects(random, 10, 2, 0);
        refused(
                "5 folds need at least 5 subjects among others, got 4",
                () -> USUAL.score(ten, subjects(random, 4, 2, 0), 0.95));
        refused("the same columns, got 2 and 3", () -> USUAL.score(ten, subjects(random, 10, 3, 0), 0.95));
        refused("must be in (0, 1), got 0.0", () -> USUAL.score(ten, ten, 0));
        refused("folds must be >= 2", () -> new CrossValidation(1, 1, 10, 1, 0));
        refused("repeats must be >= 1", () -> new CrossValidation(2, 0, 10, 1, 0));
        refused("permutations must be >= 10, got 9", () -> new CrossValidation(2, 1, 9, 1, 0));
        refused("ridge must be > 0", () -> new CrossValidation(2, 1, 10, 0, 0));
    }

    private static SubjectScores subjects(SplittableRandom random, int number, int columns, double shift) {
        double[][] rows = new double[number][];
        Arrays.setAll(rows, i -> AucTest.normal(random, columns, 0));
        for (double[] row : rows) {
            row[0] += shift;
        }
        return SubjectScores.ofRows(
                "features", rows, LongStream.range(0, number).toArray());
    }
}
