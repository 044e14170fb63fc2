/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/** An environment that forwards every call to another one; subclasses override what they change. */
public abstract class ForwardingEnvironment implements Environment {

    private final Environment other;

    /** @param other not shared with anyone */
    protected ForwardingEnvironment(Environment other) {
        this.other = other;
    }

    @Override
    public Space observationSpace() {
        return other.observationSpace();
    }

    @Override
    public Space actionSpace() {
        return other.actionSpace();
    }

    @Override
    public boolean[] allowedActions() {
        return other.allowedActions();
    }

    @Override
    public double[] reset(long seed) {
        return other.reset(seed);
    }

    @Override
    public StepResult step(double... action) {
        return other.step(action);
    }

    @Override
    public void close() {
        other.close();
    }
}
