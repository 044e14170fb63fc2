package org.amend4j.testkit;

import java.util.OptionalDouble;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;

/** An objective that says it computes in float. */
public record InFloat(RecordObjective inner) implements RecordObjective {

    @Override
    public RecordIds records() {
        return inner.records();
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return inner.fixedNormaliser();
    }

    @Override
    public double weightDecay() {
        return inner.weightDecay();
    }

    @Override
    public RecordObjective restrictedTo(RecordIds subset) {
        return new InFloat(inner.restrictedTo(subset));
    }

    @Override
    public int dimension() {
        return inner.dimension();
    }

    @Override
    public double value(double[] theta) {
        return inner.value(theta);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        return inner.valueAndGradient(theta, gradient);
    }

    @Override
    public Precision precision() {
        return Precision.FLOAT;
    }

    @Override
    public String fingerprint() {
        return inner.fingerprint();
    }
}
