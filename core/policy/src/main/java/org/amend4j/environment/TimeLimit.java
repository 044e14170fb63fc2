/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import org.amend4j.internal.validation.Checks;

/** Truncates every episode of an environment at its {@code steps}-th step, terminated or not. */
public final class TimeLimit implements Environment {

    private final Environment environment;
    private final int steps;
    private int elapsed;

    /**
     * @param environment not shared with anyone
     * @param steps at least 1
     */
    public TimeLimit(Environment environment, int steps) {
        this.environment = environment;
        this.steps = Checks.atLeast(1, "steps", steps);
        elapsed = steps;
    }

    @Override
    public Space observationSpace() {
        return environment.observationSpace();
    }

    @Override
    public Space actionSpace() {
        return environment.actionSpace();
    }

    @Override
    public boolean[] allowedActions() {
        return environment.allowedActions();
    }

    @Override
    public double[] reset(long seed) {
        elapsed = 0;
        return environment.reset(seed);
    }

    @Override
    public StepResult step(double... action) {
        if (elapsed >= steps) {
            throw new IllegalStateException("step needs a running episode: reset first (time limit " + steps + ")");
        }
        StepResult step = environment.step(action);
        elapsed++;
        boolean truncated = step.truncated() || elapsed >= steps;
        return new StepResult(step.observation(), step.reward(), step.terminated(), truncated);
    }

    @Override
    public void close() {
        environment.close();
    }
}
