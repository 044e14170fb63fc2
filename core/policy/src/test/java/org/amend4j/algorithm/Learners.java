/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.List;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;

/** Every algorithm on one task, small and quick. */
enum Learners {
    GPOMDP {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            Gpomdp.Config config = Gpomdp.Config.of(Processes.horizon(0.9, 12), new StepSize.Decreasing(2, 0.2))
                    .withTrajectories(8)
                    .withStateBaseline(true)
                    .withNoise(1e-3);
            return new Gpomdp(config, task, policy(inputs, actions, 0, normalised, seed), seed);
        }
    },
    ACTOR_CRITIC {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            ActorCritic.Critic critic = ActorCritic.Critic.of(new ActionValue.PerAction(inputs, actions), 50)
                    .withRadius(100);
            ActorCritic.Config config = ActorCritic.Config.of(0.9, critic, new StepSize.Constant(0.01))
                    .withPairs(32);
            return new ActorCritic(config, task, policy(inputs, actions, 0, normalised, seed), seed);
        }
    },
    REINFORCE {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            return new Reinforce(Reinforce.Config.DEFAULT, task, policy(inputs, actions, 0, normalised, seed), seed);
        }
    },
    REINFORCE_WITH_VALUE {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            Reinforce.Config config = Reinforce.Config.DEFAULT
                    .withBaseline(Reinforce.Baseline.VALUE)
                    .withEntropy(0.01)
                    .withOptimizer(new Optimizer.Sgd(0.9), Schedule.constant(0.1))
                    .withMostNorm(1);
            return new Reinforce(config, task, policy(inputs, actions, 1, normalised, seed), seed);
        }
    },
    REINFORCE_WITH_LINEAR {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            Reinforce.Config config = Reinforce.Config.DEFAULT.withBaseline(Reinforce.Baseline.LINEAR);
            return new Reinforce(config, task, policy(inputs, actions, 0, normalised, seed), seed);
        }
    },
    A2C {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            A2c.Config config = A2c.Config.DEFAULT
                    .withNormalisedRewards()
                    .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.linear(3e-2, 50_000));
            return new A2c(config, task, policy(inputs, actions, 1, normalised, seed), seed);
        }
    },
    A2C_RMSPROP {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            A2c.Config config =
                    A2c.Config.DEFAULT.withOptimizer(Optimizer.RmsProp.DEFAULT, Schedule.linear(1e-2, 50_000));
            return new A2c(config, task, policy(inputs, actions, 1, normalised, seed), seed);
        }
    },
    PPO {
        @Override
        Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed) {
            Ppo.Config config = Ppo.Config.DEFAULT
                    .withBatch(8, 16, 3, 3)
                    .withNormalisedRewards()
                    .withTargetKl(0.05)
                    .withClip(Schedule.linear(0.2, 50_000))
                    .withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(2e-2));
            return new Ppo(config, task, policy(inputs, actions, 1, normalised, seed), seed);
        }
    };

    /**
     * @param normalised whether observations are boxes that a normalising encoder is to learn, else indices
     */
    abstract Algorithm on(Task task, int inputs, int actions, boolean normalised, long seed);

    static Policy policy(int inputs, int actions, int values, boolean normalised, long seed) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(inputs, 8, true, DenseActivation.TANH),
                        new DenseShape(8, actions + values, true, DenseActivation.IDENTITY)),
                0.1,
                new Seeds(seed).seed(Purpose.POLICY, 0));
        return new Policy(
                network,
                new Categorical(actions),
                normalised ? new NormalisingEncoder(inputs) : new ObservationEncoder.OneHot(inputs));
    }
}
