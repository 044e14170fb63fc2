/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.StopRule;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Task;

/** REINFORCE (Williams 1992) with a baseline: whole episodes of balancing a pole, until it stays up. */
public final class LearnByReinforce {

    private static final String ENVIRONMENT = "CartPole-v1";
    private static final int OBSERVATIONS = 4;
    private static final int ACTIONS = 2;
    private static final long MOST_STEPS = 100_000;
    private static final double WANTED_RETURN = 195;
    private static final long SEED = 1;

    private LearnByReinforce() {}

    /**
     * The story.
     *
     * @param arguments the most steps, if there are any
     */
    public static void main(String... arguments) {
        long steps = arguments.length > 0 ? Long.parseLong(arguments[0]) : MOST_STEPS;
        Policy policy = new Policy(
                Approximators.of(PolicyGraphs.mlp(PolicyGraphs.Mlp.of(OBSERVATIONS, ACTIONS), SEED)),
                new Categorical(ACTIONS),
                new ObservationEncoder.AsIs(OBSERVATIONS));
        try (PolicyTraining training = new PolicyTraining(
                new Reinforce(Reinforce.Config.DEFAULT, Task.of(ENVIRONMENT), policy, SEED),
                StopRule.steps(steps).orReturn(WANTED_RETURN))) {
            System.out.println(training.run() + ", mean return of the last episodes "
                    + Math.round(training.recentReturn().orElse(Double.NaN)));
        }
    }
}
