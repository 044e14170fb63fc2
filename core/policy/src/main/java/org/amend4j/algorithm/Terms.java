/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * The terms of an update's objective, in practice mode.
 *
 * @param normalise whether advantages are normalised to mean 0 and deviation 1 over each batch that is learned from
 * @param entropy weight of the policy's mean entropy, at least 0
 * @param value weight of ½(V - target)² of a critic in the policy's network, at least 0
 */
@RecordBuilder
public record Terms(boolean normalise, double entropy, double value) implements Identified, TermsBuilder.With {

    public Terms {
        Checks.notNegative("entropy", entropy);
        Checks.notNegative("value weight", value);
    }

    @Override
    public Facts facts() {
        return Facts.of("Terms")
                .with("normalise", normalise)
                .with("entropy", entropy)
                .with("value", value);
    }

    /** Derivatives of the entropy's term with respect to each row's entropy; none if it has no weight. */
    double[] entropyWeights(int rows) {
        return entropy == 0 ? new double[0] : CollectedRows.constant(rows, entropy / rows);
    }
}
