package org.amend4j.ascent;

import java.util.List;
import java.util.Optional;
import org.amend4j.policy.DenseActivation;

/**
 * Settings that were measured to solve environments of the library with ten of ten seeds, but for REINFORCE on Acrobot: nine,
 * and one that learns nothing. docs/policy.md has the numbers, on which seeds settings were chosen, and what failed.
 */
public final class Presets {

    private static final Optimizer.Adam ADAM = Optimizer.Adam.DEFAULT.withEpsilon(1e-5);

    private static final List<Preset> ALL = List.of(
            cartPoleReinforce(),
            cartPoleA2c(),
            cartPolePpo(),
            acrobotReinforce(),
            acrobotA2c(),
            acrobotPpo(),
            mountainCarPpo(),
            pendulumPpo());

    private Presets() {}

    /** All of them. */
    public static List<Preset> all() {
        return ALL;
    }

    /** The one for an environment's name, without options, and an algorithm's. */
    public static Optional<Preset> of(String environment, String algorithm) {
        return ALL.stream()
                .filter(preset -> preset.environment().equals(environment)
                        && preset.config().algorithm().equals(algorithm))
                .findFirst();
    }

    private static Preset cartPoleReinforce() {
        return new Preset(
                "CartPole-v1",
                Reinforce.Config.DEFAULT,
                List.of(32),
                DenseActivation.TANH,
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
        return new Preset(
                "CartPole-v1",
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                false,
                StopRule.steps(500_000).orReturn(490));
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
        return new Preset(
                "CartPole-v1",
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                false,
                StopRule.steps(200_000).orReturn(490));
    }

    private static Preset acrobotReinforce() {
        return new Preset(
                "Acrobot-v1",
                Reinforce.Config.DEFAULT,
                List.of(32),
                DenseActivation.TANH,
                false,
                StopRule.steps(1_000_000).orReturn(-85));
    }

    private static Preset acrobotA2c() {
        A2c.Config config =
                A2c.Config.DEFAULT.withNormalisedRewards().withOptimizer(ADAM, Schedule.linear(3e-3, 500_000));
        return new Preset(
                "Acrobot-v1",
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                true,
                StopRule.steps(500_000).orReturn(-85));
    }

    private static Preset acrobotPpo() {
        Ppo.Config config = Ppo.Config.DEFAULT
                .withBatch(16, 128, 4, 8)
                .withLambda(0.94)
                .withEntropy(0)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 500_000));
        return new Preset(
                "Acrobot-v1",
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                true,
                StopRule.steps(500_000).orReturn(-85));
    }

    private static Preset mountainCarPpo() {
        Ppo.Config config = continuous().withGamma(0.999).withEntropy(1e-3);
        return new Preset(
                "MountainCarContinuous-v0",
                config,
                List.of(64, 64),
                DenseActivation.TANH,
                true,
                StopRule.steps(300_000).orReturn(94));
    }

    private static Preset pendulumPpo() {
        return new Preset(
                "Pendulum-v1",
                continuous().withGamma(0.9).withEntropy(0),
                List.of(64, 64),
                DenseActivation.TANH,
                false,
                StopRule.steps(300_000));
    }

    private static Ppo.Config continuous() {
        return Ppo.Config.DEFAULT
                .withBatch(8, 256, 10, 16)
                .withNormalisedRewards()
                .withOptimizer(ADAM, Schedule.linear(1e-3, 300_000));
    }
}
