/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.StopRule;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Task;

/** PPO (Schulman and others 2017) on the pole: a policy and a value on one network, clipped steps on fragments of many episodes. */
public final class LearnByPpo {

    private static final String ENVIRONMENT = "CartPole-v1";
    private static final int OBSERVATIONS = 4;
    private static final int ACTIONS = 2;
    private static final long MOST_STEPS = 200_000;
    private static final double WANTED_RETURN = 475;
    private static final long SEED = 1;

    private LearnByPpo() {}

    /**
     * The story.
     *
     * @param arguments the most steps, if there are any
     */
    public static void main(String... arguments) {
        long steps = arguments.length > 0 ? Long.parseLong(arguments[0]) : MOST_STEPS;
        Policy policy = new Policy(
                Approximators.of(PolicyGraphs.mlp(
                        PolicyGraphs.Mlp.of(OBSERVATIONS, ACTIONS).withValue(), SEED)),
                new Categorical(ACTIONS),
                new ObservationEncoder.AsIs(OBSERVATIONS));
        try (PolicyTraining training = new PolicyTraining(
                new Ppo(Ppo.Config.DEFAULT.withNormalisedRewards(), Task.of(ENVIRONMENT), policy, SEED),
                StopRule.steps(steps).orReturn(WANTED_RETURN))) {
            training.algorithm().effects().forEach(System.out::println); // what each option does to the guarantee
            System.out.println(training.run() + ", mean return of the last episodes "
                    + Math.round(training.recentReturn().orElse(Double.NaN)));
        }
    }
}
