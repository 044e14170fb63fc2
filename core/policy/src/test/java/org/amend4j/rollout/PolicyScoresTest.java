/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amend4j.environment.TimeLimit;
import org.amend4j.environment.XorMdp;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyScoresTest {

    private static final Task XOR = Task.of("xor", () -> new TimeLimit(XorMdp.plain(), 10));

    private static Policy xorPolicy(double first, double second) {
        Approximator network = Approximators.zero(List.of(new DenseShape(2, 2, false, DenseActivation.IDENTITY)));
        // weights of action 0, then of action 1
        network.setParameters(new double[] {0, 0, first, second});
        return new Policy(network, new Categorical(2), new ObservationEncoder.OneHot(2));
    }

    /** 5 standard errors; a reward each second step, so J_H = Σ_{odd t} γ^t (2p - 1)(2q - 1) in closed form. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void drawnEpisodesHaveTheExactMeans(long seed) {
        double p = 1 / (1 + Math.exp(-1));
        double q = 1 / (1 + Math.exp(0.8));
        int n = 4_000;
        PolicyScores scores = PolicyScores.of(xorPolicy(1, -0.8), XOR, n, false, 0.9, 10, seed);
        double each = (2 * p - 1) * (2 * q - 1);
        assertEquals(10, scores.length());
        assertEquals(5 * each, scores.mean(), 5 * scores.deviation() / Math.sqrt(n));
        double discounts = 0;
        for (int t = 1; t < 10; t += 2) {
            discounts += Math.pow(0.9, t);
        }
        // each of the 5 rewards is ±1, so that a discounted one varies less than one that is not
        assertEquals(discounts * each, scores.discounted(), 5 * scores.deviation() / Math.sqrt(n));
        assertEquals(Math.sqrt(5 * (1 - each * each)), scores.deviation(), 0.05);
    }

    @Test
    void greedyEpisodesTakeTheLikeliestActions() {
        assertEquals(
                5,
                PolicyScores.of(xorPolicy(0.1, 0.1), XOR, 7, true, 0.9, 10, 1).mean());
        assertEquals(
                -5,
                PolicyScores.of(xorPolicy(0.1, -0.1), XOR, 7, true, 0.9, 10, 1).mean());
        assertEquals(
                0,
                PolicyScores.of(xorPolicy(0.1, 0.1), XOR, 7, true, 0.9, 10, 1).deviation());
    }

    @Test
    void nothingIsLearnedWhileScoring() {
        NormalisingEncoder encoder = new NormalisingEncoder(4);
        encoder.learn(new double[] {1, 2, 3, 4, 2, 2, 2, 2});
        double[] before = encoder.statistics();
        Policy policy = new Policy(
                Approximators.zero(List.of(new DenseShape(4, 2, true, DenseActivation.IDENTITY))),
                new Categorical(2),
                encoder);
        assertTrue(PolicyScores.of(policy, Task.of("CartPole-v1"), 3, false, 0.9, 500, 1)
                        .mean()
                > 0);
        assertArrayEquals(before, encoder.statistics(), 0);
    }
}
