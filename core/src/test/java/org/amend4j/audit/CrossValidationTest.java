package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossValidationTest {

    private static final CrossValidation USUAL = CrossValidation.usual(5);

    /**
     * 200 audits of features that tell nothing. A regression finds either sign, so both tails of a 95 % interval can alarm: 5 %
     * at most. Eleven of 200 would be chance; 24 or more have chance 1e-4.
     */
    @Test
    void noSignalIsSeldomDetected() {
        SplittableRandom random = new SplittableRandom(31);
        int alarms = 0;
        double[] areas = new double[200];
        for (int i = 0; i < areas.length; i++) {
            AttackScore score = USUAL.score(persons(random, 60, 2, 0), persons(random, 60, 2, 0), 0.95);
            areas[i] = score.auc();
            alarms += score.detects() ? 1 : 0;
        }
        System.err.println(
                "alarms " + alarms + " sd ratio " + Math.sqrt(AucTest.variance(areas)) / Auc.nullDeviation(60, 60)
                        + " mean " + Arrays.stream(areas).average());
        assertTrue(alarms < 24, alarms + " alarms");
    }

    /** A shift of one deviation, area 0.76: its interval's lower end is 3.5 deviations above 1/2 or so. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aSignalIsDetected(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        AttackScore score = USUAL.score(persons(random, 60, 2, 1), persons(random, 60, 2, 0), 0.95);
        assertTrue(score.detects(), score.toString());
    }

    @Test
    void whatIsMemorisedIsNotCounted() {
        SplittableRandom random = new SplittableRandom(32);
        PersonScores members = persons(random, 20, 40, 0);
        PersonScores others = persons(random, 20, 40, 0);
        double[][] rows = Arrays.copyOf(members.rows(), 40);
        System.arraycopy(others.rows(), 0, rows, 20, 20);
        boolean[] positive = new boolean[40];
        Arrays.fill(positive, 0, 20, true);
        LogisticRegression all = LogisticRegression.fit(rows, positive, 0.1);
        double[] scores = Arrays.stream(rows).mapToDouble(all::logOdds).toArray();
        assertEquals(1, Auc.of(Arrays.copyOf(scores, 20), Arrays.copyOfRange(scores, 20, 40)));
        double heldOut =
                new CrossValidation(5, 10, 0.1, 3).score(members, others, 0.95).auc();
        assertTrue(heldOut < 0.5 + 4.5 * Auc.nullDeviation(20, 20), "area " + heldOut);
    }

    @Test
    void theSeedDecidesEverything() {
        SplittableRandom random = new SplittableRandom(33);
        PersonScores members = persons(random, 30, 2, 0.5);
        PersonScores others = persons(random, 90, 2, 0);
        assertEquals(USUAL.score(members, others, 0.95), USUAL.score(members, others, 0.95));
        assertNotEquals(
                USUAL.score(members, others, 0.95), CrossValidation.usual(6).score(members, others, 0.95));
    }

    /** Either class may be the larger one, and whom no repeat drew does not count. */
    @Test
    void theLargerClassIsUndersampled() {
        SplittableRandom random = new SplittableRandom(34);
        PersonScores few = persons(random, 20, 1, 1.5);
        PersonScores many = persons(random, 400, 1, 0);
        AttackScore score = new CrossValidation(5, 3, 1, 1).score(few, many, 0.95);
        assertEquals(20, score.members());
        assertTrue(score.others() > 40 && score.others() <= 60, score.toString());
        assertEquals(Auc.nullDeviation(20, score.others()), score.nullDeviation());
        assertTrue(score.detects());
        AttackScore swapped = new CrossValidation(5, 3, 1, 1).score(many, few, 0.95);
        assertEquals(20, swapped.others());
        assertTrue(swapped.detects());
    }

    /**
     * With one feature a regression that finds the right sign gives the feature's own area, and its interval: fold by fold
     * comparisons differ from comparisons with all others by less than half a deviation, here 0.02.
     */
    @Test
    void oneFeatureIsItsOwnScore() {
        SplittableRandom random = new SplittableRandom(35);
        PersonScores members = persons(random, 150, 1, -1.2);
        PersonScores others = persons(random, 150, 1, 0);
        AttackScore learned = USUAL.score(members, others, 0.95);
        AttackScore direct = Auc.score(
                Arrays.stream(members.column(0)).map(x -> -x).toArray(),
                Arrays.stream(others.column(0)).map(x -> -x).toArray());
        System.err.println(learned + "\n" + direct);
        assertEquals(direct.auc(), learned.auc(), 0.02);
        assertEquals(direct.low(), learned.low(), 0.03);
        assertEquals(direct.high(), learned.high(), 0.03);
        assertEquals(direct.truePositiveRateAt1Percent(), learned.truePositiveRateAt1Percent(), 0.1);
    }

    /** Nothing varies, so that all pairs tie. */
    @Test
    void constantFeaturesGiveOneHalf() {
        long[] owners = LongStream.range(0, 10).toArray();
        PersonScores same = PersonScores.of("same", new double[10], owners);
        AttackScore score = USUAL.score(same, same, 0.95);
        assertEquals(0.5, score.auc());
        assertTrue(score.low() < 0.3, score.toString());
    }

    @Test
    void badInputIsRefused() {
        SplittableRandom random = new SplittableRandom(36);
        PersonScores ten = persons(random, 10, 2, 0);
        refused(
                "5 folds need at least 5 persons among others, got 4",
                () -> USUAL.score(ten, persons(random, 4, 2, 0), 0.95));
        refused("the same columns, got 2 and 3", () -> USUAL.score(ten, persons(random, 10, 3, 0), 0.95));
        refused("must be in (0, 1), got 0.0", () -> USUAL.score(ten, ten, 0));
        refused("folds must be >= 2", () -> new CrossValidation(1, 1, 1, 0));
        refused("repeats must be >= 1", () -> new CrossValidation(2, 0, 1, 0));
        refused("ridge must be > 0", () -> new CrossValidation(2, 1, 0, 0));
    }

    private static PersonScores persons(SplittableRandom random, int number, int columns, double shift) {
        double[][] rows = new double[number][];
        Arrays.setAll(rows, i -> AucTest.normal(random, columns, 0));
        for (double[] row : rows) {
            row[0] += shift;
        }
        return PersonScores.ofRows("features", rows, LongStream.range(0, number).toArray());
    }
}
