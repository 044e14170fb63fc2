package org.amend4j.environment;

/**
 * A pole on a cart that is pushed left (0) or right (1); Gymnasium's CartPole-v1, after Barto, Sutton and Anderson (1983).
 * State and observation: position x, velocity ẋ, angle θ in radians, angular velocity θ̇. Reward 1 for every step, also
 * the last; terminates when |x| > 2.4 or |θ| > 12°.
 */
public final class CartPole extends Control {

    /** Steps of the registered time limit. */
    public static final int STEPS = 500;

    private static final double GRAVITY = 9.8;
    private static final double POLE_MASS = 0.1;
    private static final double TOTAL_MASS = POLE_MASS + 1.0;
    private static final double HALF_LENGTH = 0.5;
    private static final double POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH;
    private static final double FORCE = 10;
    private static final double SECONDS = 0.02;
    private static final double FARTHEST = 2.4;
    private static final double STEEPEST = 12 * 2 * Math.PI / 360;

    /** Without a time limit. */
    public CartPole() {
        super(
                4,
                Space.Box.symmetric(2 * FARTHEST, Double.POSITIVE_INFINITY, 2 * STEEPEST, Double.POSITIVE_INFINITY),
                new Space.Discrete(2));
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
    Step move(double[] state, double[] action) {
        double sin = StrictMath.sin(state[2]);
        double cos = StrictMath.cos(state[2]);
        double force = action[0] == 1 ? FORCE : -FORCE;
        // the order of operations is Gymnasium's: results agree to the last bit
        double pushed = (force + POLE_MASS_LENGTH * (state[3] * state[3]) * sin) / TOTAL_MASS;
        double angular =
                (GRAVITY * sin - cos * pushed) / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cos * cos) / TOTAL_MASS));
        double linear = pushed - POLE_MASS_LENGTH * angular * cos / TOTAL_MASS;
        state[0] += SECONDS * state[1];
        state[1] += SECONDS * linear;
        state[2] += SECONDS * state[3];
        state[3] += SECONDS * angular;
        boolean terminated = Math.abs(state[0]) > FARTHEST || Math.abs(state[2]) > STEEPEST;
        return new Step(observe(state), 1, terminated, false);
    }

    @Override
    double[] observe(double[] state) {
        return state.clone();
    }
}
