/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.random.SplitMix64;

/**
 * Two links hanging from a joint, driven only at the elbow by torque -1, 0 or 1 (actions 0, 1, 2), to swing the tip one
 * length above the joint; Gymnasium's Acrobot-v1, the equations of Sutton and Barto's book. State: angles θ1, θ2 in
 * [-π, π] and their velocities; observation: cos θ1, sin θ1, cos θ2, sin θ2 and the velocities. Reward -1 a step, 0 on the
 * step that terminates: -cos θ1 - cos(θ1 + θ2) > 1.
 */
public final class Acrobot extends Control {

    /** Steps of the registered time limit. */
    public static final int STEPS = 500;

    private static final double FASTEST_1 = 4 * Math.PI;
    private static final double FASTEST_2 = 9 * Math.PI;
    private static final double SECONDS = 0.2;
    private static final double GRAVITY = 9.8;

    /** Without a time limit. */
    public Acrobot() {
        super(4, Space.Box.symmetric(1, 1, 1, 1, FASTEST_1, FASTEST_2), new Space.Discrete(3));
    }

    /** Acrobot-v1: truncated at 500 steps. */
    public static Environment v1() {
        return new TimeLimit(new Acrobot(), STEPS);
    }

    @Override
    void draw(double[] state, SplitMix64 random) {
        for (int i = 0; i < state.length; i++) {
            state[i] = random.uniform(-0.1, 0.1);
        }
    }

    @Override
    StepResult move(double[] state, double[] action) {
        rungeKutta(state, action[0] - 1);
        state[0] = wrap(state[0]);
        state[1] = wrap(state[1]);
        state[2] = clip(state[2], -FASTEST_1, FASTEST_1);
        state[3] = clip(state[3], -FASTEST_2, FASTEST_2);
        boolean terminated = -StrictMath.cos(state[0]) - StrictMath.cos(state[1] + state[0]) > 1;
        return new StepResult(observe(state), terminated ? 0 : -1, terminated, false);
    }

    @Override
    double[] observe(double[] state) {
        return new double[] {
            StrictMath.cos(state[0]),
            StrictMath.sin(state[0]),
            StrictMath.cos(state[1]),
            StrictMath.sin(state[1]),
            state[2],
            state[3]
        };
    }

    /** One classical step of order four, the torque constant in it. */
    private static void rungeKutta(double[] state, double torque) {
        double half = SECONDS / 2;
        double[] k1 = slope(state, torque);
        double[] k2 = slope(ahead(state, half, k1), torque);
        double[] k3 = slope(ahead(state, half, k2), torque);
        double[] k4 = slope(ahead(state, SECONDS, k3), torque);
        for (int i = 0; i < state.length; i++) {
            state[i] += SECONDS / 6.0 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
        }
    }

    private static double[] ahead(double[] state, double seconds, double[] slope) {
        double[] result = new double[state.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = state[i] + seconds * slope[i];
        }
        return result;
    }

    /** Lengths, masses and moments of inertia are 1, centres of mass halfway. */
    private static double[] slope(double[] state, double torque) {
        double cos2 = StrictMath.cos(state[1]);
        double sin2 = StrictMath.sin(state[1]);
        double w1 = state[2];
        double w2 = state[3];
        double d1 = 0.25 + (1.25 + cos2) + 2;
        double d2 = (0.25 + 0.5 * cos2) + 1;
        double phi2 = 0.5 * GRAVITY * StrictMath.cos(state[0] + state[1] - Math.PI / 2);
        double phi1 = -0.5 * (w2 * w2) * sin2
                - w2 * w1 * sin2
                + 1.5 * GRAVITY * StrictMath.cos(state[0] - Math.PI / 2)
                + phi2;
        double a2 = (torque + d2 / d1 * phi1 - 0.5 * (w1 * w1) * sin2 - phi2) / (0.25 + 1 - d2 * d2 / d1);
        double a1 = -(d2 * a2 + phi1) / d1;
        return new double[] {w1, w2, a1, a2};
    }

    private static double wrap(double angle) {
        double wrapped = angle;
        while (wrapped > Math.PI) {
            wrapped -= 2 * Math.PI;
        }
        while (wrapped < -Math.PI) {
            wrapped += 2 * Math.PI;
        }
        return wrapped;
    }
}
