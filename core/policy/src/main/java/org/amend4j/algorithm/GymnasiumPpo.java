/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.amend4j.policy.DenseActivation;

/** {@link GymnasiumPresets} of PPO: most from RL Baselines3 Zoo, some of our own. */
final class GymnasiumPpo {

    private static final List<Integer> SMALL = List.of(64, 64);
    private static final List<Integer> WIDE = List.of(256, 256);
    private static final long MILLION = 1_000_000;

    /** What Stable-Baselines3 begins with, and the Zoo wherever it says nothing else; with one environment. */
    private static final Ppo.Config USUAL = Ppo.Config.DEFAULT
            .withBatch(1, 2048, 10, 32)
            .withEntropy(0)
            .withValueWeight(2 * 0.5) // of half the mean square; theirs is of the whole
            .withOptimizer(Optimizer.Adam.DEFAULT.withEpsilon(1e-5), Schedule.constant(3e-4));

    private GymnasiumPpo() {}

    static List<Preset> all() {
        return List.of(
                own("HalfCheetah-v5", 256, 32, 6e-4),
                own("Hopper-v5", 256, 32, 6e-4),
                walker(),
                normalised("Ant-v5", SMALL, MILLION, ppo -> ppo),
                swimmer(),
                humanoid(),
                own("InvertedPendulum-v5", 64, 8, 1e-3),
                invertedDoublePendulum(),
                reacher(),
                own("LunarLander-v3", 256, 32, 1e-3, GymnasiumPpo::landing).withOwnValue(false),
                continuousLander(),
                bipedalWalker());
    }

    private static Preset normalised(String name, List<Integer> hidden, long steps, UnaryOperator<Ppo.Config> own) {
        return new Preset(
                name,
                OptionalInt.empty(),
                own.apply(USUAL.withNormalisedRewards()),
                hidden,
                hidden.equals(WIDE) ? DenseActivation.RELU : DenseActivation.TANH,
                true,
                true,
                StopRule.steps(steps));
    }

    private static Ppo.Config with(Ppo.Config config, double gamma, double lambda, double clip, double rate) {
        return config.withGamma(gamma)
                .withLambda(lambda)
                .withClip(Schedule.constant(clip))
                .withOptimizer(config.climb().optimizer(), Schedule.constant(rate));
    }

    /** Ours: eight environments at a time cost little more than one, and rates fall. */
    private static Preset own(String name, int steps, int minibatches, double rate) {
        return own(name, steps, minibatches, rate, ppo -> ppo);
    }

    private static Preset own(String name, int steps, int minibatches, double rate, UnaryOperator<Ppo.Config> more) {
        return normalised(
                name,
                SMALL,
                MILLION,
                ppo -> more.apply(ppo.withBatch(8, steps, 10, minibatches)
                        .withValueWeight(0.5)
                        .withOptimizer(ppo.climb().optimizer(), Schedule.linear(rate, MILLION))));
    }

    /** As in the Zoo: a landing takes many steps. */
    private static Ppo.Config landing(Ppo.Config config) {
        return config.withGamma(0.999).withLambda(0.98).withEntropy(0.01);
    }

    private static Preset walker() {
        return normalised(
                "Walker2d-v5",
                SMALL,
                MILLION,
                ppo -> with(ppo, 0.99, 0.95, 0.1, 5.05041e-5)
                        .withBatch(1, 512, 20, 16)
                        .withEntropy(0.000585045)
                        .withValueWeight(2 * 0.871923)
                        .withMostNorm(1));
    }

    private static Preset swimmer() {
        return normalised(
                "Swimmer-v5",
                SMALL,
                MILLION,
                ppo -> with(ppo, 0.9999, 0.98, 0.2, 6e-4).withBatch(4, 1024, 10, 16));
    }

    private static Preset humanoid() {
        return normalised(
                "Humanoid-v5",
                WIDE,
                10 * MILLION,
                ppo -> with(ppo, 0.95, 0.9, 0.3, 3.56987e-5)
                        .withBatch(1, 512, 5, 2)
                        .withEntropy(0.00238306)
                        .withValueWeight(2 * 0.431892)
                        .withMostNorm(2));
    }

    private static Preset invertedDoublePendulum() {
        return normalised(
                "InvertedDoublePendulum-v5",
                SMALL,
                MILLION,
                ppo -> with(ppo, 0.98, 0.8, 0.4, 0.000155454)
                        .withBatch(1, 128, 10, 1)
                        .withEntropy(1.05057e-06)
                        .withValueWeight(2 * 0.695929));
    }

    private static Preset reacher() {
        return normalised(
                "Reacher-v5",
                SMALL,
                MILLION,
                ppo -> with(ppo, 0.9, 1, 0.3, 0.000104019)
                        .withBatch(1, 512, 5, 16)
                        .withEntropy(7.52585e-08)
                        .withValueWeight(2 * 0.950368)
                        .withMostNorm(0.9));
    }

    private static Preset continuousLander() {
        return new Preset(
                "LunarLanderContinuous-v3",
                OptionalInt.empty(),
                landing(USUAL.withBatch(16, 1024, 4, 256)),
                SMALL,
                DenseActivation.TANH,
                true,
                false,
                StopRule.steps(MILLION));
    }

    private static Preset bipedalWalker() {
        return normalised(
                "BipedalWalker-v3",
                SMALL,
                5 * MILLION,
                ppo -> with(ppo, 0.999, 0.95, 0.18, 3e-4).withBatch(32, 2048, 10, 1024));
    }
}
