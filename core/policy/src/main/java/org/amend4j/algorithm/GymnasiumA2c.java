/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.policy.DenseActivation;

/** {@link GymnasiumPresets} of A2C, from RL Baselines3 Zoo. */
final class GymnasiumA2c {

    private static final long MILLION = 1_000_000;

    /** What Stable-Baselines3 begins with, and the Zoo wherever it says nothing else; with one environment. */
    private static final A2c.Config USUAL = A2c.Config.DEFAULT
            .withBatch(1, 5)
            .withLambda(1)
            .withValueWeight(2 * 0.5) // of half the mean square; theirs is of the whole
            .withOptimizer(Optimizer.RmsProp.DEFAULT, Schedule.constant(7e-4));

    private GymnasiumA2c() {}

    static List<Preset> all() {
        return List.of(
                lander(),
                tuned("LunarLanderContinuous-v3", 4, 7e-4, 5 * MILLION, 0),
                tuned("BipedalWalker-v3", 16, 9.6e-4, 5 * MILLION, 0),
                tuned("BipedalWalkerHardcore-v3", 32, 8e-4, 200 * MILLION, 1e-3),
                normalised("HalfCheetah-v5", USUAL, MILLION),
                normalised("Ant-v5", USUAL, MILLION),
                normalised("Hopper-v5", USUAL, MILLION),
                normalised("Walker2d-v5", USUAL, MILLION),
                normalised("Humanoid-v5", USUAL, 2 * MILLION),
                normalised("Swimmer-v5", USUAL.withGamma(0.9999), MILLION));
    }

    private static Preset of(String name, A2c.Config config, boolean normaliseObservations, long steps) {
        return new Preset(
                name,
                OptionalInt.empty(),
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                true,
                normaliseObservations,
                StopRule.steps(steps));
    }

    private static Preset normalised(String name, A2c.Config config, long steps) {
        return of(name, config.withNormalisedRewards(), true, steps);
    }

    private static Preset lander() {
        long steps = 200_000;
        A2c.Config config = USUAL.withBatch(8, 5)
                .withGamma(0.995)
                .withEntropy(1e-5)
                .withOptimizer(USUAL.climb().optimizer(), Schedule.linear(8.3e-4, steps));
        return of("LunarLander-v3", config, false, steps);
    }

    /** Those that the Zoo tuned, with noise that depends on the state; here it does not. */
    private static Preset tuned(String name, int environments, double rate, long steps, double entropy) {
        A2c.Config config = USUAL.withBatch(environments, 8)
                .withLambda(0.9)
                .withEntropy(entropy)
                .withValueWeight(2 * 0.4)
                .withOptimizer(USUAL.climb().optimizer(), Schedule.linear(rate, steps));
        return normalised(name, config, steps);
    }
}
