/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.StepResult;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;

/**
 * The chain (s, a, r, s', a') of a policy without memory in one environment, transition by transition; after an episode's
 * end the next one begins. The policy may learn between two transitions. Not thread-safe.
 */
public final class TransitionStream {

    private static final int[] ONLY = {0};

    private final EnvironmentBatch environment;
    private final Policy policy;
    private final SplitMix64 starts;
    private final SplitMix64 actions;
    private final Approximator.Stepper stepper;
    private Decision now;
    private int step;

    /** What the policy chose in a state, from its observation, which was encoded, and the allowed actions. */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    private record Decision(double[] observation, double[] input, boolean[] allowed, double[][] actions) {}

    /**
     * Begins with an episode.
     *
     * @param environment one row; not to be used elsewhere meanwhile
     * @param starts one seed is drawn per episode
     * @throws IllegalArgumentException if the policy has a memory, or does not belong to the environment
     */
    public TransitionStream(EnvironmentBatch environment, Policy policy, SplitMix64 starts, SplitMix64 actions) {
        if (policy.network().recurrent()) {
            throw new IllegalArgumentException(
                    "a chain of states and actions needs a policy without memory, got a recurrent network");
        }
        PolicyCompatibility.require(policy, environment.observationSpace(), environment.actionSpace());
        this.environment = environment;
        this.policy = policy;
        this.starts = starts;
        this.actions = actions;
        stepper = policy.network().stepper(1);
        now = start();
    }

    private Decision start() {
        step = 0;
        double[] observation = environment.reset(ONLY, new long[] {starts.nextLong()})[0];
        return choose(observation, PolicyCompatibility.encode(policy, observation, 0, 0));
    }

    private Decision choose(double[] observation, double[] input) {
        double[] outputs = stepper.step(input, ONLY, new boolean[] {step == 0});
        boolean[] allowed = environment.allowedActions(0);
        return new Decision(
                observation,
                input,
                allowed,
                policy.choose(outputs, allowed, false, actions).actions());
    }

    /** Observation of the state that it is in. */
    double[] observation() {
        return now.observation();
    }

    /** Encoded observation of the state that it is in. */
    public double[] input() {
        return now.input();
    }

    /** Which actions are allowed there; empty if all are. */
    public boolean[] allowed() {
        return now.allowed();
    }

    /** The action drawn there, to be taken next. */
    public double[] action() {
        return now.actions()[0];
    }

    /**
     * Takes it.
     *
     * @throws ArithmeticException if an observation or a reward is not finite
     */
    public OnPolicyTransition advance() {
        StepResult result =
                environment.step(ONLY, PolicyCompatibility.sent(environment.actionSpace(), now.actions()))[0];
        PolicyCompatibility.requireFinite(result.reward(), 0, step);
        step++;
        double[] nextInput = PolicyCompatibility.encode(policy, result.observation(), 0, step);
        Decision next = result.terminated() ? now : choose(result.observation(), nextInput);
        OnPolicyTransition transition = new OnPolicyTransition(
                input(),
                action(),
                result.reward(),
                result.terminated(),
                result.truncated(),
                nextInput,
                next.actions()[0]);
        now = result.ended() ? start() : next;
        return transition;
    }
}
