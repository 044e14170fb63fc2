/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.random.SplitMix64;

/**
 * A pendulum to be swung up and held by a torque in [-2, 2], clipped; Gymnasium's Pendulum-v1. State: angle θ (0 is up,
 * not wrapped) and velocity θ̇ in [-8, 8]; observation: cos θ, sin θ, θ̇. Reward of the state before the step:
 * -(θ² + 0.1 θ̇² + 0.001 torque²), θ wrapped to [-π, π). Never terminates.
 *
 * <p>Gymnasium computes some products in float32; this class computes all in double. One step differs by at most 1e-7.
 */
public final class Pendulum extends Control {

    /** Steps of the registered time limit. */
    public static final int STEPS = 200;

    private static final double FASTEST = 8;
    private static final double STRONGEST = 2;
    private static final double SECONDS = 0.05;

    /** Without a time limit: episodes have no end. */
    public Pendulum() {
        super(2, Space.Box.symmetric(1, 1, FASTEST), Space.Box.symmetric(STRONGEST));
    }

    /** Pendulum-v1: truncated at 200 steps. */
    public static Environment v1() {
        return new TimeLimit(new Pendulum(), STEPS);
    }

    @Override
    void draw(double[] state, SplitMix64 random) {
        state[0] = random.uniform(-Math.PI, Math.PI);
        state[1] = random.uniform(-1, 1);
    }

    @Override
    StepResult move(double[] state, double[] action) {
        double torque = clip(action[0], -STRONGEST, STRONGEST);
        double angle = wrap(state[0]);
        double cost = angle * angle + 0.1 * (state[1] * state[1]) + 0.001 * (torque * torque);
        double faster = state[1] + (15 * StrictMath.sin(state[0]) + 3 * torque) * SECONDS;
        state[1] = clip(faster, -FASTEST, FASTEST);
        state[0] += state[1] * SECONDS;
        return new StepResult(observe(state), -cost, false, false);
    }

    @Override
    double[] observe(double[] state) {
        return new double[] {StrictMath.cos(state[0]), StrictMath.sin(state[0]), state[1]};
    }

    private static double wrap(double angle) {
        double turned = (angle + Math.PI) % (2 * Math.PI);
        return (turned < 0 ? turned + 2 * Math.PI : turned) - Math.PI;
    }
}
