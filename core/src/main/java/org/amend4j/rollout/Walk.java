package org.amend4j.rollout;

import org.amend4j.environment.Environment;
import org.amend4j.environment.SplitMix64;
import org.amend4j.environment.Step;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Policy;

/**
 * The chain (s, a, r, s', a') of a policy without memory in one environment, transition by transition; after an episode's
 * end the next one begins. For one thread; the policy may learn between two transitions.
 */
public final class Walk {

    private final Environment environment;
    private final Policy policy;
    private final SplitMix64 starts;
    private final SplitMix64 actions;
    private final Approximator.Stepper stepper;
    private double[] input;
    private double[] action;
    private int step;

    /**
     * Begins with an episode.
     *
     * @param environment used by nobody else meanwhile
     * @param starts one seed is drawn per episode
     * @throws IllegalArgumentException if the policy has a memory, or does not belong to the environment
     */
    public Walk(Environment environment, Policy policy, SplitMix64 starts, SplitMix64 actions) {
        if (policy.network().recurrent()) {
            throw new IllegalArgumentException(
                    "a chain of states and actions needs a policy without memory, got a recurrent network");
        }
        Fit.require(policy, environment.observationSpace(), environment.actionSpace());
        this.environment = environment;
        this.policy = policy;
        this.starts = starts;
        this.actions = actions;
        stepper = policy.network().stepper(1);
        input = start();
        action = draw(input);
    }

    private double[] start() {
        step = 0;
        return Fit.encode(policy, environment.reset(starts.nextLong()), 0, 0);
    }

    private double[] draw(double[] at) {
        double[] drawn = new double[policy.distribution().actionSize()];
        double[] outputs = stepper.step(at, new int[] {0}, new boolean[] {step == 0});
        policy.choose(outputs, new boolean[0], false, actions, drawn, new double[1]);
        return drawn;
    }

    /** Encoded observation of the state that it is in. */
    public double[] input() {
        return input;
    }

    /** The action drawn there, to be taken next. */
    public double[] action() {
        return action;
    }

    /** Takes it. */
    public Transition advance() {
        Step result = environment.step(action);
        step++;
        double[] nextInput = Fit.encode(policy, result.observation(), 0, step);
        double[] nextAction = draw(nextInput);
        Transition transition = new Transition(
                input, action, result.reward(), result.terminated(), result.truncated(), nextInput, nextAction);
        input = nextInput;
        action = nextAction;
        if (result.ended()) {
            input = start();
            action = draw(input);
        }
        return transition;
    }
}
