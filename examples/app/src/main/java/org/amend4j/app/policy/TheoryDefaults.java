/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.StepSize;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.estimator.Horizon;

/**
 * Default settings of theory mode.
 *
 * @param gamma γ, which is a part of what is maximised
 * @param step η, constant
 * @param batch trajectories or pairs of an update
 * @param criticSteps N, of the double loop
 * @param steps environment steps of a run
 * @param unlimited whether to train without the environment's time limit
 */
record TheoryDefaults(double gamma, double step, int batch, int criticSteps, long steps, boolean unlimited) {

    private static final long STEPS = 200_000;
    private static final int CRITIC_STEPS = 50;

    /** What was found to work (docs/policy.md), else what is usual for tables and for networks. */
    static TheoryDefaults of(String algorithm, EnvironmentSpec spec) {
        boolean gpomdp = algorithm.equals("gpomdp");
        if (EnvironmentIds.name(spec.id()).equals("FrozenLake-v1")) {
            return gpomdp
                    ? new TheoryDefaults(0.99, 0.1, 16, CRITIC_STEPS, 12_000_000, true)
                    : new TheoryDefaults(0.99, 0.1, 512, 200, 300_000_000, true);
        }
        boolean table = spec.finite().isPresent();
        return gpomdp
                ? new TheoryDefaults(table ? 0.9 : 0.99, table ? 0.1 : 1e-3, table ? 1 : 16, CRITIC_STEPS, STEPS, false)
                : new TheoryDefaults(table ? 0.9 : 0.99, 0.05, 1, CRITIC_STEPS, STEPS, true);
    }

    Gpomdp.Config gpomdp(Horizon horizon) {
        return Gpomdp.Config.of(horizon, new StepSize.Constant(step)).withTrajectories(batch);
    }

    ActorCritic.Config actorCritic(double discount, ActionValue critic) {
        return ActorCritic.Config.of(discount, ActorCritic.Critic.of(critic, criticSteps), new StepSize.Constant(step))
                .withPairs(batch);
    }
}
