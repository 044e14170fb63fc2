/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Objects;
import java.util.OptionalDouble;

/** An objective based on another one, to which it delegates everything that a subclass does not override. */
public abstract class ForwardingObjective implements RecordObjective {

    private final RecordObjective other;

    /**
     * Made of another one.
     *
     * @param other what everything is asked of that is not overridden
     */
    protected ForwardingObjective(RecordObjective other) {
        this.other = Objects.requireNonNull(other, "other");
    }

    @Override
    public int dimension() {
        return other.dimension();
    }

    @Override
    public Precision precision() {
        return other.precision();
    }

    @Override
    public RecordIds records() {
        return other.records();
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return other.fixedNormaliser();
    }

    @Override
    public double weightDecay() {
        return other.weightDecay();
    }

    @Override
    public boolean hasTrueGradient() {
        return other.hasTrueGradient();
    }

    @Override
    public double value(double[] theta) {
        return other.value(theta);
    }
}
