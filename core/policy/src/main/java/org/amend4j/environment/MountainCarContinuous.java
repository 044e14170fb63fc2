/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.random.SplitMix64;

/**
 * A car too weak to drive straight up a hill; Gymnasium's MountainCarContinuous-v0, after Moore (1990). State and
 * observation: position, velocity. The action is a force in [-1, 1], clipped. Reward: 100 at the goal (position at least
 * 0.45, not rolling back), which terminates, minus 0.1 times the square of the action as given, not as clipped.
 *
 * <p>Gymnasium computes in float32 after the first step; this class computes in double. One step differs by at most 1e-6.
 */
public final class MountainCarContinuous extends Control {

    /** Steps of the registered time limit. */
    public static final int STEPS = 999;

    private static final double LEFTMOST = -1.2;
    private static final double RIGHTMOST = 0.6;
    private static final double FASTEST = 0.07;
    private static final double GOAL = 0.45;
    private static final double POWER = 0.0015;
    private static final double SLOPE = 0.0025;

    /** Without a time limit. */
    public MountainCarContinuous() {
        super(
                2,
                new Space.Box(new double[] {LEFTMOST, -FASTEST}, new double[] {RIGHTMOST, FASTEST}),
                Space.Box.symmetric(1));
    }

    /** MountainCarContinuous-v0: truncated at 999 steps. */
    public static Environment v0() {
        return new TimeLimit(new MountainCarContinuous(), STEPS);
    }

    @Override
    void draw(double[] state, SplitMix64 random) {
        state[0] = random.uniform(-0.6, -0.4);
        state[1] = 0;
    }

    @Override
    StepResult move(double[] state, double[] action) {
        double force = clip(action[0], -1, 1);
        double velocity = clip(state[1] + force * POWER - SLOPE * StrictMath.cos(3 * state[0]), -FASTEST, FASTEST);
        double position = clip(state[0] + velocity, LEFTMOST, RIGHTMOST);
        if (position == LEFTMOST && velocity < 0) {
            velocity = 0;
        }
        state[0] = position;
        state[1] = velocity;
        boolean terminated = position >= GOAL && velocity >= 0;
        double reward = (terminated ? 100 : 0) - 0.1 * (action[0] * action[0]);
        return new StepResult(observe(state), reward, terminated, false);
    }

    @Override
    double[] observe(double[] state) {
        return state.clone();
    }
}
