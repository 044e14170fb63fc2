/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * A pole on a cart that is pushed left (0) or right (1); Gymnasium's CartPole-v1, after Barto, Sutton and Anderson (1983).
 * State and observation: position x, velocity ẋ, angle θ in radians, angular velocity θ̇. Reward 1 for every step, also
 * the last; terminates when |x| > 2.4 or |θ| > 12°.
 */
public final class CartPole extends Control {

    /** Steps of the registered time limit. */
    public static final int STEPS = 500;

    /** Steps of CartPole-v0's time limit. */
    public static final int STEPS_V0 = 200;

    private static final double SECONDS = 0.02;
    private static final double FARTHEST = 2.4;
    private static final double STEEPEST = 12 * 2 * Math.PI / 360;

    private final double gravity;
    private final double poleMass;
    private final double totalMass;
    private final double halfLength;
    private final double poleMassLength;
    private final double force;

    /**
     * What it is built of.
     *
     * @param halfLength of the pole, in metres, positive
     * @param force of a push, in newtons, positive
     * @param poleMass in kilograms, positive
     * @param cartMass in kilograms, positive
     * @param gravity in m/s², not negative
     */
    @RecordBuilder
    public record Parameters(double halfLength, double force, double poleMass, double cartMass, double gravity)
            implements CartPoleParametersBuilder.With {

        /** Gymnasium's. */
        public static final Parameters STANDARD = new Parameters(0.5, 10, 0.1, 1, 9.8);

        public Parameters {
            Checks.positive("halfLength", halfLength);
            Checks.positive("force", force);
            Checks.positive("poleMass", poleMass);
            Checks.positive("cartMass", cartMass);
            Checks.notNegative("gravity", gravity);
        }
    }

    /** Gymnasium's, without a time limit. */
    public CartPole() {
        this(Parameters.STANDARD);
    }

    /** Without a time limit. */
    public CartPole(Parameters parameters) {
        super(
                4,
                Space.Box.symmetric(2 * FARTHEST, Double.POSITIVE_INFINITY, 2 * STEEPEST, Double.POSITIVE_INFINITY),
                new Space.Discrete(2));
        gravity = parameters.gravity;
        poleMass = parameters.poleMass;
        totalMass = poleMass + parameters.cartMass;
        halfLength = parameters.halfLength;
        poleMassLength = poleMass * halfLength;
        force = parameters.force;
    }

    /** CartPole-v1: truncated at 500 steps. */
    public static Environment v1() {
        return new TimeLimit(new CartPole(), STEPS);
    }

    @Override
    void draw(double[] state, SplitMix64 random) {
        for (int i = 0; i < state.length; i++) {
            state[i] = random.uniform(-0.05, 0.05);
        }
    }

    @Override
    StepResult move(double[] state, double[] action) {
        double sin = StrictMath.sin(state[2]);
        double cos = StrictMath.cos(state[2]);
        double push = action[0] == 1 ? force : -force;
        // the order of operations is Gymnasium's: results agree to the last bit
        double pushed = (push + poleMassLength * (state[3] * state[3]) * sin) / totalMass;
        double angular =
                (gravity * sin - cos * pushed) / (halfLength * (4.0 / 3.0 - poleMass * (cos * cos) / totalMass));
        double linear = pushed - poleMassLength * angular * cos / totalMass;
        state[0] += SECONDS * state[1];
        state[1] += SECONDS * linear;
        state[2] += SECONDS * state[3];
        state[3] += SECONDS * angular;
        boolean terminated = Math.abs(state[0]) > FARTHEST || Math.abs(state[2]) > STEEPEST;
        return new StepResult(observe(state), 1, terminated, false);
    }

    @Override
    double[] observe(double[] state) {
        return state.clone();
    }
}
