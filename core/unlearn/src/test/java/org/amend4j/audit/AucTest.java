/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AucTest {

    private static final double[] TWO = {0, 1};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theAreaIsTheShareOfPairsWonWithTiesHalf(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] members = whole(random, 2 + random.nextInt(60), 1 + random.nextInt(12));
        double[] others = whole(random, 2 + random.nextInt(60), 1 + random.nextInt(12));
        double won = 0;
        for (double member : members) {
            for (double other : others) {
                won += won(member, other);
            }
        }
        assertEquals(won / (members.length * others.length), Auc.of(members, others), 0);
        assertEquals(1, Auc.of(members, others) + Auc.of(others, members), 1e-15);
    }

    @Test
    void zerosOfBothSignsTie() {
        assertEquals(0.5, Auc.of(new double[] {0.0, -0.0}, new double[] {-0.0, 0.0}), 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theIntervalIsDeLongsByItsDefinition(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] members = whole(random, 30, 9);
        double[] others = whole(random, 20, 7);
        double[] wins =
                Arrays.stream(members).map(m -> mean(others, o -> won(m, o))).toArray();
        double[] losses =
                Arrays.stream(others).map(o -> mean(members, m -> won(m, o))).toArray();
        double reach = 1.959963984540054 * Math.sqrt(variance(wins) / wins.length + variance(losses) / losses.length);
        AttackScore score = Auc.score(members, others);
        assertEquals(Math.max(0, score.auc() - reach), score.low(), 1e-12);
        assertEquals(Math.min(1, score.auc() + reach), score.high(), 1e-12);
        assertEquals(0.95, score.level());
        assertEquals(30, score.members());
        assertEquals(20, score.others());
    }

    /**
     * 4,000 draws miss 5 % of the time, give or take 0.34 %; 0.5 % are left to the asymptotics, and 4 deviations to chance: a
     * false alarm has chance 6e-5 or less. The twin holds copies for subjects: its interval is half as wide, and the normal
     * law misses 33 %.
     */
    @Test
    void intervalsHoldTheTrueAreaAsOftenAsTheySay() {
        SplittableRandom random = new SplittableRandom(11);
        double shift = 0.8;
        double area = Erfc.value(-shift / 2) / 2;
        int draws = 4000;
        int missed = 0;
        int missedByTwin = 0;
        for (int i = 0; i < draws; i++) {
            double[] members = normal(random, 100, shift);
            double[] others = normal(random, 150, 0);
            missed += misses(Auc.score(members, others), area) ? 1 : 0;
            missedByTwin += misses(Auc.score(fourTimes(members), fourTimes(others)), area) ? 1 : 0;
        }
        assertEquals(0.05, (double) missed / draws, 0.005 + 4 * 0.0035);
        assertTrue(missedByTwin > 0.25 * draws, missedByTwin + " of " + draws);
    }

    @ParameterizedTest
    @CsvSource({"178, 178, 0.031", "1000, 1000, 0.013", "42, 1000000, 0.045"})
    void theNullDeviationIsThePublishedOne(int members, int others, double deviation) {
        assertEquals(deviation, Auc.nullDeviation(members, others), 5e-4);
    }

    /** The deviation of 4,000 areas is known to 1.1 %; 4.5 times that, a false alarm has chance 7e-6. */
    @Test
    void theNullDeviationIsThatOfScoresThatTellNothing() {
        SplittableRandom random = new SplittableRandom(12);
        double[] areas = new double[4000];
        Arrays.setAll(areas, i -> Auc.of(normal(random, 20, 0), normal(random, 30, 0)));
        assertEquals(1, Math.sqrt(variance(areas)) / Auc.nullDeviation(20, 30), 4.5 * 0.0112);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theTruePositiveRateIsTheBestOfAllThresholds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] members = whole(random, 40, 30);
        double[] others = whole(random, 50, 25);
        for (double rate : new double[] {0, 0.01, 0.02, 0.1, 0.5, 0.98, 1}) {
            double best = 0;
            for (double threshold = -1; threshold <= 31; threshold++) {
                double least = threshold;
                if (mean(others, o -> o > least ? 1 : 0) <= rate + 1e-12) {
                    best = Math.max(best, mean(members, m -> m > least ? 1 : 0));
                }
            }
            assertEquals(best, Auc.truePositiveRate(members, others, rate), 1e-15, "at " + rate);
        }
    }

    @Test
    void threeOfThreeHundredAreOnePercent() {
        double[] others = new double[300];
        Arrays.setAll(others, i -> i);
        assertEquals(0.5, Auc.truePositiveRate(new double[] {296.5, 295.5}, others, 0.01), 0);
    }

    @Test
    void noIntervalIsAPoint() {
        double[] high = {5, 6, 7, 8};
        double[] low = {1, 2, 3};
        double reach = 1 - Math.cbrt(0.025);
        assertEquals(1 - reach, Auc.score(high, low).low(), 1e-12);
        assertEquals(1, Auc.score(high, low).high());
        assertEquals(0, Auc.score(low, high).low());
        assertEquals(reach, Auc.score(low, high).high(), 1e-12);
        AttackScore tied = Auc.score(new double[100], new double[200]);
        assertEquals(0.5, tied.auc());
        assertEquals(0.5 - (1 - Math.pow(0.025, 0.01)), tied.low(), 1e-12);
        assertFalse(tied.detects());
    }

    @Test
    void badScoresAreRefused() {
        refused("among members must be >= 2, got 0", () -> Auc.of(new double[0], TWO));
        refused("among others must be >= 2, got 1", () -> Auc.score(TWO, new double[1]));
        refused("score 1 of others must be finite, got NaN", () -> Auc.of(TWO, new double[] {0, Double.NaN}));
        refused("must be in (0, 1), got 1.0", () -> Auc.score(TWO, TWO, 1));
        refused("must be in [0, 1], got 1.5", () -> Auc.truePositiveRate(TWO, TWO, 1.5));
        refused("must be >= 1, got 0", () -> Auc.nullDeviation(0, 5));
        refused("0 <= low <= auc <= high <= 1", () -> new AttackScore(0.4, 0.5, 0.6, 0.95, 0.1, 2, 2, 0));
        refused("true positive rate must be in", () -> new AttackScore(0.5, 0.4, 0.6, 0.95, 0.1, 2, 2, Double.NaN));
    }

    static double[] normal(SplittableRandom random, int number, double mean) {
        double[] draws = new double[number];
        Arrays.setAll(draws, i -> mean + random.nextGaussian());
        return draws;
    }

    static double variance(double[] values) {
        double mean = mean(values, value -> value);
        return mean(values, value -> (value - mean) * (value - mean)) * values.length / (values.length - 1);
    }

    private static double mean(double[] values, DoubleUnaryOperator of) {
        return Arrays.stream(values).map(of).average().orElseThrow();
    }

    private static double won(double member, double other) {
        return member > other ? 1 : member == other ? 0.5 : 0;
    }

    private static double[] whole(SplittableRandom random, int number, int bound) {
        return random.ints(number, 0, bound).asDoubleStream().toArray();
    }

    private static boolean misses(AttackScore score, double area) {
        return area < score.low() || area > score.high();
    }

    private static double[] fourTimes(double[] values) {
        double[] copies = new double[4 * values.length];
        Arrays.setAll(copies, i -> values[i / 4]);
        return copies;
    }
}
