/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;

/** An objective that says it computes in float. */
public final class InFloat extends ForwardingObjective {

    private final RecordObjective inner;

    public InFloat(RecordObjective inner) {
        super(inner);
        this.inner = inner;
    }

    @Override
    public Precision precision() {
        return Precision.FLOAT;
    }

    @Override
    public RecordObjective restrictedTo(RecordIds subset) {
        return new InFloat(inner.restrictedTo(subset));
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        return inner.valueAndGradient(theta, gradient);
    }

    @Override
    public String fingerprint() {
        return inner.fingerprint();
    }

    @Override
    public String settingsFingerprint() {
        return inner.settingsFingerprint();
    }
}
