/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongFunction;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.StepRule;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.numeric.Vectors;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;

/** The XOR process from its exact saddle θ = 0, where ∇J = 0 and λ_max(∇²J) > 0. */
class EscapeTest {

    private static final double GAMMA = 0.9;
    private static final int RUNS = 60;
    private static final int ENOUGH = 58;

    /** How many of 60 seeded runs reach 90 % of the return's supremum within so many updates. */
    private static int escapes(LongFunction<Algorithm> start, ExactReturn exact, double supremum, int updates) {
        int escaped = 0;
        for (long seed = 0; seed < RUNS; seed++) {
            Algorithm algorithm = start.apply(seed);
            boolean there = false;
            for (int update = 0; update < updates && !there; update++) {
                algorithm.update();
                there = exact.expectedReturn(algorithm.policy().parameters()) >= 0.9 * supremum;
            }
            escaped += there ? 1 : 0;
        }
        return escaped;
    }

    /** Slowest of 20 runs measured by an independent program: 153 updates; three times that is the limit. */
    @Test
    void gpomdpEscapes() {
        Gpomdp.Config config = Gpomdp.Config.of(Processes.horizon(GAMMA, 10), new StepSize.Constant(0.1));
        int escaped = escapes(
                seed -> new Gpomdp(config, Processes.xor(), LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0), seed),
                ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, GAMMA),
                GAMMA / (1 - GAMMA * GAMMA),
                459);
        assertTrue(escaped >= ENOUGH, escaped + " of " + RUNS);
    }

    /** Slowest measured by an independent program: 151 outer steps with 50 critic steps each; three times that is the limit. */
    @Test
    void actorCriticEscapes() {
        double c = 0.8 * GAMMA / (1 - 0.2 * GAMMA - 0.8 * GAMMA * GAMMA);
        ActorCritic.Config config = ActorCritic.Config.of(
                GAMMA, ActorCritic.Critic.of(new ActionValue.PerAction(3, 2), 50), new StepSize.Constant(0.05));
        TabularEnvironment states = XorMdp.lazy(0.2).mdp().environment();
        int escaped = escapes(
                seed -> new ActorCritic(
                        config, Processes.lazyXorStates(), LogitNetwork.policy(Processes.XOR_STATES, 0, 0), seed),
                ExactReturn.of(states, Processes.XOR_STATES, GAMMA),
                c,
                453);
        assertTrue(escaped >= ENOUGH, escaped + " of " + RUNS);
    }

    @Test
    void exactAscentStays() {
        ExactReturn exact = ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, GAMMA);
        assertArrayEquals(
                new double[2],
                new GradientDescent(exact, new StepRule.Constant(0.1), DescentOptions.of(1_000))
                        .run(new double[2])
                        .last()
                        .theta(),
                0);
    }

    /** At A = B = 0 every sample's gradient is 0, although λ_max > 0: no noise, no escape. */
    @Test
    void adapterThatIsAllZeroDoesNotMove() {
        TabularEnvironment environment = Processes.random(4, 3, false, 5);
        LogitMap.LowRank map = new LogitMap.LowRank(new double[4][3], 2, 2);
        double[] zero = new double[map.dimension()];
        assertTrue(ExactReturn.of(environment, map, GAMMA).returnSpectrum(zero).largest() > 0.1);
        Gpomdp.Config config = Gpomdp.Config.of(Processes.horizon(GAMMA, 20), new StepSize.Constant(0.1));
        Algorithm algorithm =
                new Gpomdp(config, Task.of("random", environment::another), LogitNetwork.policy(map, zero), 1);
        for (int update = 0; update < 50; update++) {
            assertEquals(0, algorithm.update().get(Metric.GRADIENT_NORM).orElseThrow());
        }
        assertArrayEquals(zero, algorithm.policy().parameters(), 0);
        // and isotropic noise moves it
        Algorithm noisy = new Gpomdp(
                config.withNoise(0.1), Task.of("random", environment::another), LogitNetwork.policy(map, zero), 1);
        noisy.update();
        noisy.update();
        assertTrue(Vectors.normInOrder(noisy.policy().parameters()) > 0);
    }
}
