/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.objective.ForwardingObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;

/** An objective on all its records, to be altered by overriding. */
class Altered extends ForwardingObjective {

    private final RecordObjective inner;

    Altered(RecordObjective inner) {
        super(inner);
        this.inner = inner;
    }

    @Override
    public RecordObjective restrictedTo(RecordIds subset) {
        throw new UnsupportedOperationException("not needed");
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
