/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import org.amend4j.random.SplitMix64;

/**
 * What the classic control problems share: a state of a few numbers, moved by one action at a time. Trigonometry is
 * {@link StrictMath}'s, so that a trajectory has the same bits on every machine.
 */
abstract sealed class Control implements Environment
        permits CartPole, MountainCarContinuous, Acrobot, Pendulum, LinearQuadratic {

    private final Space observationSpace;
    private final Space actionSpace;
    private final double[] state;
    private boolean running;

    Control(int stateSize, Space observationSpace, Space actionSpace) {
        state = new double[stateSize];
        this.observationSpace = observationSpace;
        this.actionSpace = actionSpace;
    }

    /** Fills in a state of the initial distribution. */
    abstract void draw(double[] state, SplitMix64 random);

    /** Moves the state in place; the step's truncated is false. */
    abstract StepResult move(double[] state, double[] action);

    /** What is seen of a state, a new array. */
    abstract double[] observe(double[] state);

    @Override
    public final Space observationSpace() {
        return observationSpace;
    }

    @Override
    public final Space actionSpace() {
        return actionSpace;
    }

    @Override
    public final double[] reset(long seed) {
        draw(state, new SplitMix64(seed));
        running = true;
        return observe(state);
    }

    /**
     * Begins an episode in a given state instead of a drawn one and returns the observation: for tests and for studies
     * of single states.
     *
     * @param start the state's numbers in the class's order, finite
     */
    public final double[] resetTo(double... start) {
        if (start.length != state.length || !Points.allFinite(start)) {
            throw new IllegalArgumentException(
                    "state must be " + state.length + " finite numbers, got " + Arrays.toString(start));
        }
        System.arraycopy(start, 0, state, 0, start.length);
        running = true;
        return observe(state);
    }

    /** The state's numbers in the class's order, a copy. */
    public final double[] state() {
        return state.clone();
    }

    @Override
    public final StepResult step(double... action) {
        if (!running) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
        requireAction(action);
        StepResult step = move(state, action);
        running = !step.terminated();
        return step;
    }

    private void requireAction(double[] action) {
        if (!Points.isAction(actionSpace, action)) {
            throw new IllegalArgumentException(Points.misfit("action", actionSpace, action));
        }
    }

    static double clip(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }
}
