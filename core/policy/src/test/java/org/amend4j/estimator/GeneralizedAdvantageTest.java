/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneralizedAdvantageTest {

    @ParameterizedTest
    @MethodSource("org.amend4j.estimator.Sequence#all")
    void advantagesAndTargetsAreTheReference(Sequence golden) {
        GeneralizedAdvantage gae = new GeneralizedAdvantage(golden.number("gamma"), golden.number("lam"));
        double[] advantages = gae.advantages(
                golden.column("rewards"),
                golden.column("values"),
                golden.column("next_values"),
                golden.flags("terminated"),
                golden.flags("truncated"));
        assertArrayEquals(golden.column("gae"), advantages, Sequence.TOLERANCE);
        assertArrayEquals(
                golden.column("value_targets"),
                GeneralizedAdvantage.valueTargets(advantages, golden.column("values")),
                Sequence.TOLERANCE);
    }

    /** Sums of at most 40 terms of at most 40: below 1e-12. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void lambdaOneIsTheReturnLessTheValue(long seed) {
        Segment s = new Segment(seed);
        for (boolean terminated : new boolean[] {false, true}) {
            double[] advantages =
                    new GeneralizedAdvantage(0.97, 1).ofSegment(s.rewards, s.values, s.successor, terminated);
            double[] toGo = Returns.toGo(s.rewards, 0.97);
            for (int t = 0; t < toGo.length; t++) {
                double beyond = terminated ? 0 : Math.pow(0.97, toGo.length - t) * s.successor;
                assertEquals(toGo[t] + beyond - s.values[t], advantages[t], 1e-12);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void lambdaZeroIsTheTemporalDifference(long seed) {
        Segment s = new Segment(seed);
        double[] advantages = new GeneralizedAdvantage(0.97, 0).ofSegment(s.rewards, s.values, s.successor, false);
        for (int t = 0; t < advantages.length; t++) {
            double next = t + 1 < advantages.length ? s.values[t + 1] : s.successor;
            assertEquals(s.rewards[t] + 0.97 * next - s.values[t], advantages[t], 0);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void lambdaBetweenIsTheGeometricMixtureOfTheDefinition(long seed) {
        Segment s = new Segment(seed);
        double[] deltas = new GeneralizedAdvantage(0.9, 0).ofSegment(s.rewards, s.values, s.successor, true);
        double[] advantages = new GeneralizedAdvantage(0.9, 0.8).ofSegment(s.rewards, s.values, s.successor, true);
        assertArrayEquals(Returns.toGo(deltas, 0.9 * 0.8), advantages, 1e-12);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void segmentsOneAfterTheOtherAreEachAlone(long seed) {
        GeneralizedAdvantage gae = new GeneralizedAdvantage(0.97, 0.9);
        Segment first = new Segment(seed);
        Segment second = new Segment(seed + 100);
        boolean[] terminated = new boolean[first.length() + second.length()];
        boolean[] cut = terminated.clone();
        cut[first.length() - 1] = true;
        double[] together = gae.advantages(
                joined(first.rewards, second.rewards),
                joined(first.values, second.values),
                joined(first.nextValues(), second.nextValues()),
                terminated,
                cut);
        assertArrayEquals(
                joined(
                        gae.ofSegment(first.rewards, first.values, first.successor, false),
                        gae.ofSegment(second.rewards, second.values, second.successor, false)),
                together,
                0);
    }

    @Test
    void terminatedWinsOverTruncatedAndOnlyTruncatedSeesTheSuccessor() {
        GeneralizedAdvantage gae = new GeneralizedAdvantage(0.5, 1);
        double[] ones = {1, 1};
        boolean[] no = {false, false};
        boolean[] firstOnly = {true, false};
        double[] next = {8, 4};
        assertArrayEquals(new double[] {0, 2}, gae.advantages(ones, ones, next, firstOnly, firstOnly), 0);
        assertArrayEquals(new double[] {4, 2}, gae.advantages(ones, ones, next, no, firstOnly), 0);
        assertArrayEquals(new double[] {5, 2}, gae.advantages(ones, ones, next, no, no), 0);
    }

    @Test
    void badNumbersAreRefused() {
        refused("the discount must be in [0, 1], got -0.1", () -> new GeneralizedAdvantage(-0.1, 1));
        refused("lambda must be in [0, 1], got NaN", () -> new GeneralizedAdvantage(1, Double.NaN));
        GeneralizedAdvantage gae = new GeneralizedAdvantage(1, 1);
        double[] one = {1};
        refused("a segment must have at least one row", () -> gae.ofSegment(new double[0], new double[0], 0, true));
        refused("values must have one number a row, 1, got 2", () -> gae.ofSegment(one, new double[2], 0, true));
        refused("a successor's value must be finite", () -> gae.ofSegment(one, one, Double.NaN, true));
        refused(
                "cut must have one number a row, 1, got 0",
                () -> gae.advantages(one, one, one, new boolean[1], new boolean[0]));
        refused("values must have", () -> GeneralizedAdvantage.valueTargets(one, new double[2]));
    }

    private static double[] joined(double[] first, double[] second) {
        double[] result = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, result, first.length, second.length);
        return result;
    }

    private static final class Segment {
        final double[] rewards;
        final double[] values;
        final double successor;

        Segment(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            int length = 1 + random.nextInt(40);
            rewards = random.doubles(length, -3, 3).toArray();
            values = random.doubles(length, -3, 3).toArray();
            successor = random.nextDouble(-3, 3);
        }

        int length() {
            return rewards.length;
        }

        double[] nextValues() {
            double[] result = Arrays.copyOfRange(values, 1, values.length + 1);
            result[values.length - 1] = successor;
            return result;
        }
    }

    /** What each column may not be; the message names it. */
    @Test
    void everyColumnIsChecked() {
        GeneralizedAdvantage gae = new GeneralizedAdvantage(0.9, 0.5);
        double[] two = {1, 2};
        double[] one = {1};
        double[] wrong = {1, Double.NaN};
        boolean[] flags = new boolean[2];
        boolean[] flag = new boolean[1];
        double[] no = {};
        refused("a batch must have at least one row", () -> gae.advantages(no, no, no, new boolean[0], new boolean[0]));
        refused("values must have one number a row, 2, got 1", () -> gae.advantages(two, one, two, flags, flags));
        refused("values of successors must have one number", () -> gae.advantages(two, two, one, flags, flags));
        refused("terminated must have one number a row", () -> gae.advantages(two, two, two, flag, flags));
        refused("cut must have one number a row", () -> gae.advantages(two, two, two, flags, flag));
        refused("a reward must be finite, got NaN (row 1)", () -> gae.advantages(wrong, two, two, flags, flags));
        refused("a value must be finite, got NaN (row 1)", () -> gae.advantages(two, wrong, two, flags, flags));
        refused("a successor's value must be finite", () -> gae.advantages(two, two, wrong, flags, flags));
        refused("values must have one number a row, 2, got 1", () -> gae.ofSegment(two, one, 0, false));
        refused("values must have one number a row, 2, got 0", () -> gae.ofSegment(two, no, 0, false));
    }
}
