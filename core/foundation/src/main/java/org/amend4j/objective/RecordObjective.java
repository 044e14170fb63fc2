/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.OptionalDouble;
import org.amend4j.numeric.SymmetricOperator;

/** An objective that is a sum over records, divided by a normaliser, plus a penalty that is the same for every data set. */
public interface RecordObjective extends Objective {

    /** The records in the sum. */
    RecordIds records();

    /** The constant the sum is divided by; empty if it is divided by the number of its records. */
    OptionalDouble fixedNormaliser();

    /** λ of the penalty (λ/2)‖θ‖² on every parameter. */
    double weightDecay();

    /**
     * Names the function but for its records: hexadecimal digest of everything its values depend on besides parameters and
     * records (network, loss, normaliser, ...). Two that agree in it, on the same records, have the same {@link #fingerprint()}.
     */
    String settingsFingerprint();

    /**
     * Whether what {@link #valueAndGradient} calls the gradient is that of the value: a mean of clipped gradients need not be the
     * gradient of anything.
     */
    default boolean hasTrueGradient() {
        return true;
    }

    /**
     * The Hessian at a point, as its products with vectors, for methods that need no more of it than a few digits: by differences of
     * gradients unless an objective knows better.
     *
     * @param theta [dimension]; only read
     * @throws IllegalArgumentException if the objective computes in FLOAT, or theta has the wrong length or is not finite
     */
    default SymmetricOperator curvature(double[] theta) {
        return HessianVector.at(this, theta);
    }

    /**
     * The same objective on some of the records only; the data is shared, not copied.
     *
     * @param subset at least one of {@link #records()}
     * @throws IllegalArgumentException if the subset is empty or holds ids that are not here; nothing is changed
     */
    RecordObjective restrictedTo(RecordIds subset);
}
