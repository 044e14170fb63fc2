/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.internal.validation.Checks;

/** Truncates every episode of an environment at its {@code steps}-th step, terminated or not. */
public final class TimeLimit extends ForwardingEnvironment {

    private final int steps;
    private int elapsed;

    /**
     * @param environment not shared with anyone
     * @param steps at least 1
     */
    public TimeLimit(Environment environment, int steps) {
        super(environment);
        this.steps = Checks.atLeast(1, "steps", steps);
        elapsed = steps;
    }

    @Override
    public double[] reset(long seed) {
        elapsed = 0;
        return super.reset(seed);
    }

    @Override
    public StepResult step(double... action) {
        if (elapsed >= steps) {
            throw new IllegalStateException("step needs a running episode: reset first (time limit " + steps + ")");
        }
        StepResult step = super.step(action);
        elapsed++;
        boolean truncated = step.truncated() || elapsed >= steps;
        return new StepResult(step.observation(), step.reward(), step.terminated(), truncated);
    }
}
