/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.policy.DenseActivation;

/**
 * Settings that solve environments of the library, as measured. docs/policy.md has the numbers, the seeds on which settings were chosen,
 * and what failed.
 */
public final class Presets {

    private static final Optimizer.Adam ADAM = Optimizer.Adam.DEFAULT.withEpsilon(1e-5);

    private static final List<Integer> WIDE = List.of(64, 64);

    private static final String LARGE_LAKE = "FrozenLake-v1?map=8x8";

    /** Episodes of a mean by which the best policy is kept, where returns are 0 or 1: of 100, luck is the best. */
    private static final int LUCK = 1_000;

    private static final List<Preset> ALL = List.of(
            cartPoleReinforce(),
            cartPoleA2c(),
            cartPolePpo(),
            acrobotReinforce(),
            acrobotA2c(),
            acrobotPpo(),
            mountainCarA2c(),
            mountainCarPpo(),
            pendulumA2c(),
            pendulumPpo(),
            lakeReinforce(),
            lakeA2c(),
            lakePpo(),
            largeLakeReinforce(),
            largeLakeA2c(),
            largeLakePpo(),
            taxiA2c(),
            taxiPpo(),
            cliffReinforce(),
            cliffA2c(),
            cliffPpo());

    private Presets() {}

    /** All of them. */
    public static List<Preset> all() {
        return ALL;
    }

    /**
     * The one for an environment and an algorithm.
     *
     * @param environment name with its options, as an {@code EnvironmentSpec} has them; options that no preset mentions are
     *     taken to change little
     */
    public static Optional<Preset> of(String environment, String algorithm) {
        return ALL.stream()
                .filter(preset -> preset.config().algorithm().equals(algorithm) && preset.isFor(environment))
                .max(Comparator.comparingInt(Preset::options));
    }

    private static Preset of(
            String environment,
            AlgorithmConfig config,
            List<Integer> hidden,
            boolean normaliseObservations,
            StopRule stop) {
        return new Preset(
                environment,
                OptionalInt.empty(),
                config,
                hidden,
                DenseActivation.TANH,
                false,
                normaliseObservations,
                stop);
    }

    private static Preset cartPoleReinforce() {
        return of(
                "CartPole-v1",
                Reinforce.Config.DEFAULT,
                List.of(32),
                false,
                StopRule.steps(500_000).orReturn(490));
    }

    private static Preset cartPoleA2c() {
        A2c.Config config = A2c.Config.DEFAULT
                .withBatch(8, 32)
                .withGamma(0.98)
                .withLambda(1)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(3e-3, 500_000))
                .withMostNorm(5);
        return of("CartPole-v1", config, WIDE, false, StopRule.steps(500_000).orReturn(490));
    }

    private static Preset cartPolePpo() {
        Ppo.Config config = Ppo.Config.DEFAULT
                .withBatch(8, 32, 10, 2)
                .withGamma(0.98)
                .withLambda(0.9)
                .withEntropy(0)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 200_000))
                .withClip(Schedule.linear(0.2, 200_000));
        return of("CartPole-v1", config, WIDE, false, StopRule.steps(200_000).orReturn(490));
    }

    /** Most batches of the beginning have no episode that gets there: then only the entropy has a gradient. */
    private static Preset acrobotReinforce() {
        Reinforce.Config config =
                Reinforce.Config.DEFAULT.withEntropy(0.01).withOptimizer(ADAM, Schedule.constant(1e-2));
        return of(
                "Acrobot-v1",
                config,
                List.of(32),
                true,
                StopRule.steps(1_000_000).orReturn(-85));
    }

    private static Preset acrobotA2c() {
        A2c.Config config =
                A2c.Config.DEFAULT.withNormalisedRewards().withOptimizer(ADAM, Schedule.linear(3e-3, 500_000));
        return of("Acrobot-v1", config, WIDE, true, StopRule.steps(500_000).orReturn(-85));
    }

    private static Preset acrobotPpo() {
        Ppo.Config config = Ppo.Config.DEFAULT
                .withBatch(16, 128, 4, 8)
                .withLambda(0.94)
                .withEntropy(0)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 500_000));
        return of("Acrobot-v1", config, WIDE, true, StopRule.steps(500_000).orReturn(-85));
    }

    private static Preset mountainCarPpo() {
        Ppo.Config config = continuous().withGamma(0.999).withEntropy(1e-3);
        return of(
                "MountainCarContinuous-v0",
                config,
                WIDE,
                true,
                StopRule.steps(300_000).orReturn(94));
    }

    private static Preset mountainCarA2c() {
        A2c.Config config = A2c.Config.DEFAULT
                .withBatch(8, 64)
                .withGamma(0.999)
                .withNormalise(true)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(2e-3, 2_000_000));
        StopRule stop = StopRule.steps(2_000_000).orReturn(93);
        return of("MountainCarContinuous-v0", config, WIDE, true, stop);
    }

    private static Preset pendulumA2c() {
        A2c.Config config = A2c.Config.DEFAULT
                .withBatch(8, 8)
                .withGamma(0.9)
                .withLambda(0.9)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 1_000_000));
        return of("Pendulum-v1", config, WIDE, true, StopRule.steps(1_000_000));
    }

    private static Preset pendulumPpo() {
        Ppo.Config config = continuous().withGamma(0.9).withEntropy(0);
        return of("Pendulum-v1", config, WIDE, false, StopRule.steps(300_000));
    }

    private static Ppo.Config continuous() {
        return Ppo.Config.DEFAULT
                .withBatch(8, 256, 10, 16)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 300_000));
    }

    private static Preset lakeReinforce() {
        return table(
                "FrozenLake-v1",
                tableReinforce(5e-2, 3_000_000).withEntropy(0.002),
                StopRule.steps(3_000_000).withWindow(LUCK));
    }

    private static Preset lakeA2c() {
        A2c.Config config = tableA2c(2_000_000).withBatch(32, 64);
        return table("FrozenLake-v1", config, StopRule.steps(2_000_000).withWindow(LUCK));
    }

    private static Preset lakePpo() {
        Ppo.Config config = tablePpo(500_000).withEntropy(0);
        return table("FrozenLake-v1", config, StopRule.steps(500_000).withWindow(LUCK));
    }

    private static Preset largeLakeReinforce() {
        return table(
                LARGE_LAKE,
                tableReinforce(1e-1, 6_000_000).withEntropy(0.002),
                StopRule.steps(6_000_000).withWindow(LUCK));
    }

    private static Preset largeLakeA2c() {
        A2c.Config config =
                tableA2c(2_000_000).withBatch(32, 64).withGamma(0.999).withEntropy(0.01);
        return table(LARGE_LAKE, config, StopRule.steps(2_000_000).withWindow(LUCK));
    }

    private static Preset largeLakePpo() {
        Ppo.Config config = tablePpo(1_000_000).withGamma(0.999).withEntropy(0.01);
        return table(LARGE_LAKE, config, StopRule.steps(1_000_000).withWindow(LUCK));
    }

    private static Preset taxiA2c() {
        A2c.Config config = tableA2c(2_000_000).withBatch(16, 64).withOptimizer(ADAM, Schedule.linear(3e-2, 2_000_000));
        return table("Taxi-v4", config, StopRule.steps(2_000_000));
    }

    private static Preset taxiPpo() {
        return table("Taxi-v4", tablePpo(1_000_000).withEntropy(0), StopRule.steps(1_000_000));
    }

    private static Preset cliffPpo() {
        return table("CliffWalking-v1", tablePpo(500_000).withEntropy(0.01), StopRule.steps(500_000));
    }

    /** Returns hardly differ where all have learned to fear the cliff: the entropy keeps trying. */
    private static Preset cliffReinforce() {
        Reinforce.Config config =
                tableReinforce(3e-2, 2_000_000).withEpisodes(16).withEntropy(0.3);
        return table("CliffWalking-v1", config, StopRule.steps(2_000_000)).withTrainingLimit(500);
    }

    /** Without a limit most of a run is one long way of a policy that fears the cliff. */
    private static Preset cliffA2c() {
        A2c.Config config = tableA2c(1_000_000)
                .withBatch(16, 32)
                .withLambda(0.9)
                .withEntropy(0.05)
                .withValueWeight(1)
                .withOptimizer(ADAM, Schedule.linear(3e-2, 1_000_000));
        return table("CliffWalking-v1", config, StopRule.steps(1_000_000)).withTrainingLimit(200);
    }

    private static Reinforce.Config tableReinforce(double rate, long steps) {
        return Reinforce.Config.DEFAULT
                .withEpisodes(64)
                .withBaseline(Reinforce.Baseline.LINEAR)
                .withOptimizer(ADAM, Schedule.linear(rate, steps));
    }

    private static A2c.Config tableA2c(long steps) {
        return A2c.Config.DEFAULT
                .withNormalise(true)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(5e-2, steps));
    }

    private static Ppo.Config tablePpo(long steps) {
        return Ppo.Config.DEFAULT
                .withBatch(16, 128, 4, 4)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(3e-2, steps));
    }

    private static Preset table(String environment, AlgorithmConfig config, StopRule stop) {
        return of(environment, config, List.of(), false, stop);
    }
}
