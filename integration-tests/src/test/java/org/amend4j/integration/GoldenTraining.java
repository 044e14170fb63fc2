/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.Fragments;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.Schedule;
import org.amend4j.algorithm.StepSize;
import org.amend4j.algorithm.StopRule;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TimeLimit;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/**
 * Trainings of policies in plain Java whose checkpoints are golden files: {@code begun.safetensors} after one update, {@code
 * ended.safetensors} after those that reach {@link #ENDED} steps.
 */
enum GoldenTraining {
    GPOMDP {
        @Override
        AlgorithmConfig config() {
            return Gpomdp.Config.of(horizon(), new StepSize.Decreasing(2, 0.2))
                    .withTrajectories(3)
                    .withStateBaseline(true)
                    .withNoise(1e-3);
        }
    },
    ACTOR_CRITIC_PER_ACTION {
        @Override
        AlgorithmConfig config() {
            ActorCritic.Critic critic = ActorCritic.Critic.of(new ActionValue.PerAction(INPUTS, ACTIONS), 20)
                    .withRadius(100);
            return ActorCritic.Config.of(0.9, critic, new StepSize.FromSmoothness(100))
                    .withPairs(3);
        }
    },
    ACTOR_CRITIC_LINEAR {
        @Override
        AlgorithmConfig config() {
            ActionValue family = new ActionValue.Linear("tilt-1", 3, (input, action) ->
                    new double[] {1, input[2] * (2 * action[0] - 1), input[3] * (2 * action[0] - 1)});
            ActorCritic.Critic critic = ActorCritic.Critic.of(family, 20).withAveraged(false);
            return ActorCritic.Config.of(0.9, critic, new StepSize.Constant(0.01));
        }
    },
    REINFORCE {
        @Override
        AlgorithmConfig config() {
            return Reinforce.Config.DEFAULT.withEpisodes(2);
        }
    },
    REINFORCE_WITH_LINEAR {
        @Override
        AlgorithmConfig config() {
            return Reinforce.Config.DEFAULT
                    .withBaseline(Reinforce.Baseline.LINEAR)
                    .withEpisodes(2);
        }
    },
    REINFORCE_WITH_VALUE {
        @Override
        AlgorithmConfig config() {
            return Reinforce.Config.DEFAULT
                    .withEpisodes(2)
                    .withBaseline(Reinforce.Baseline.VALUE)
                    .withEntropy(0.01)
                    .withOptimizer(new Optimizer.Sgd(0.9), Schedule.constant(0.1))
                    .withMostNorm(1);
        }
    },
    A2C {
        @Override
        AlgorithmConfig config() {
            return A2c.Config.DEFAULT
                    .withFragments(new Fragments(2, 8, new GeneralizedAdvantage(0.99, 0.95), true))
                    .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.linear(3e-2, 50_000));
        }
    },
    PPO {
        @Override
        AlgorithmConfig config() {
            return Ppo.Config.DEFAULT
                    .withBatch(2, 8, 2, 2)
                    .withNormalisedRewards()
                    .withTargetKl(0.05)
                    .withClip(Schedule.linear(0.2, 50_000))
                    .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(2e-2));
        }
    },
    PPO_EVALUATED {
        @Override
        AlgorithmConfig config() {
            return Ppo.Config.DEFAULT.withBatch(2, 4, 1, 1);
        }

        @Override
        PolicyTraining training(long steps) {
            return super.training(steps)
                    .evaluatedBy(new PeriodicEvaluation(new PeriodicEvaluation.Config(8, 2, true), limited(), SEED));
        }
    };

    static final long BEGUN = 1;
    static final long ENDED = 100;

    private static final int INPUTS = 4;
    private static final int ACTIONS = 2;
    private static final int LIMIT = 12;
    private static final long SEED = 7;

    abstract AlgorithmConfig config();

    String folder() {
        return "trainings/" + name().toLowerCase(Locale.ROOT);
    }

    /** One that ends with the update that reaches so many steps. */
    PolicyTraining training(long steps) {
        AlgorithmConfig config = config();
        boolean practice = !(config instanceof Gpomdp.Config || config instanceof ActorCritic.Config);
        Task task = practice ? limited() : Task.of("pole", CartPole::new);
        return new PolicyTraining(
                config.begin(task, policy(config.needsValue(), practice), SEED),
                StopRule.steps(steps).withWindow(5));
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (PolicyTraining training = training(BEGUN)) {
            training.run(folder.resolve("begun.safetensors"), CheckpointRule.everyUpdates(1));
        }
        try (PolicyTraining training = training(ENDED)) {
            training.run(folder.resolve("ended.safetensors"), CheckpointRule.everyUpdates(1));
        }
    }

    static Task limited() {
        return Task.of("pole", () -> new TimeLimit(new CartPole(), LIMIT));
    }

    private static Horizon horizon() {
        return Horizon.given(
                LIMIT, BiasBound.C, new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-1, 1)));
    }

    private static Policy policy(boolean value, boolean normalised) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(INPUTS, 3, true, DenseActivation.TANH),
                        new DenseShape(3, ACTIONS + (value ? 1 : 0), true, DenseActivation.IDENTITY)),
                0.1,
                SEED);
        return new Policy(
                network,
                new Categorical(ACTIONS),
                normalised ? new NormalisingEncoder(INPUTS) : new ObservationEncoder.AsIs(INPUTS));
    }
}
