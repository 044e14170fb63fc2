/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The second moment of a trajectory's gradient along a direction, against sums over all trajectories. */
class EstimateMomentsTest {

    private static final int STEPS = 4;

    /** Everything ends after as many steps at most: from layer to layer, each of two states. */
    private static FiniteMdp layers(Random random) {
        List<List<List<Transition>>> rows = new ArrayList<>();
        for (int state = 0; state < 2 * STEPS; state++) {
            List<List<Transition>> row = new ArrayList<>();
            for (int action = 0; action < 2; action++) {
                double p = random.nextDouble();
                int next = state / 2 * 2 + 2;
                boolean last = next == 2 * STEPS;
                row.add(List.of(
                        new Transition(p, last ? 0 : next, random.nextGaussian(), last),
                        new Transition(1 - p, last ? 0 : next + 1, random.nextGaussian(), last)));
            }
            rows.add(row);
        }
        double[] start = new double[2 * STEPS];
        start[0] = 0.3;
        start[1] = 0.7;
        return new FiniteMdp(rows, start);
    }

    /** E Y² from this state on: with the sum of scores so far, and what was collected so far. */
    private static double enumerated(
            FiniteMdp mdp, double[][] policy, double[][] scores, double gamma, int state, int t, double c, double y) {
        double sum = 0;
        for (int action = 0; action < 2; action++) {
            double with = c + scores[state][action];
            for (Transition outcome : mdp.outcomes(state, action)) {
                double then = y + Math.pow(gamma, t) * outcome.reward() * with;
                double rest = outcome.terminated()
                        ? then * then
                        : enumerated(mdp, policy, scores, gamma, outcome.next(), t + 1, with, then);
                sum += policy[state][action] * outcome.probability() * rest;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void withAndWithoutAHorizonItIsTheSumOverAllTrajectories(long seed) {
        Random random = new Random(seed);
        FiniteMdp mdp = layers(random);
        int dimension = 4 * STEPS;
        double[] theta = random.doubles(dimension, -1, 1).toArray();
        double[] v = random.doubles(dimension, -1, 1).toArray();
        for (double gamma : new double[] {0.1, 0.9, 1 - 1e-9}) {
            ExactReturn exact = ExactReturn.of(mdp.environment(), new LogitMap.Table(2 * STEPS, 2), gamma);
            double[][] policy = exact.policy(theta);
            double[][] scores = new double[2 * STEPS][2];
            for (int state = 0; state < scores.length; state++) {
                double mean = policy[state][0] * v[2 * state] + policy[state][1] * v[2 * state + 1];
                scores[state][0] = v[2 * state] - mean;
                scores[state][1] = v[2 * state + 1] - mean;
            }
            double expected = 0.3 * enumerated(mdp, policy, scores, gamma, 0, 0, 0, 0)
                    + 0.7 * enumerated(mdp, policy, scores, gamma, 1, 0, 0, 0);
            assertTrue(expected > 0);
            assertEquals(expected, exact.truncated(STEPS).estimateSecondMoment(theta, v), 1e-12 * (1 + expected));
            assertEquals(expected, exact.estimateSecondMoment(theta, v), 1e-12 * (1 + expected));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void withoutAHorizonItIsTheLimitOfLongOnes(long seed) {
        Random random = new Random(seed);
        TabularEnvironment environment = RandomProcess.aliased(random);
        LogitMap map = new LogitMap.Table(
                Aliasing.of(environment).count(), environment.mdp().actions());
        double[] theta = random.doubles(map.dimension(), -1, 1).toArray();
        double[] v = random.doubles(map.dimension(), -1, 1).toArray();
        ExactReturn exact = ExactReturn.of(environment, map, 0.95);
        double far = exact.truncated(2_000).estimateSecondMoment(theta, v);
        assertEquals(far, exact.estimateSecondMoment(theta, v), 1e-11 * (1 + far));
    }

    /** Which steps one after the other do in hours only, and gave up after a million. */
    @Test
    void aDiscountNearOneTakesNoLonger() {
        FiniteMdp mdp = RandomProcess.tables(new Random(1), 6, 2, 0);
        ExactReturn exact = ExactReturn.of(mdp.environment(), new LogitMap.Table(6, 2), 1 - 1e-7);
        double[] theta = new Random(2).doubles(12, -1, 1).toArray();
        double moment = assertTimeout(
                Duration.ofSeconds(20),
                () -> exact.estimateSecondMoment(
                        theta, new Random(3).doubles(12, -1, 1).toArray()));
        assertTrue(Double.isFinite(moment) && moment > 0, Double.toString(moment));
    }
}
