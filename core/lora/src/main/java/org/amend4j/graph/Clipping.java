/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.io.Serializable;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;

/**
 * Whose gradients are clipped, and to which norm.
 *
 * @param bound C, the largest Euclidean norm a share of the summed gradient may have, > 0 and finite
 * @param unit whether each record or each subject has a share
 */
public record Clipping(double bound, Unit unit) implements Identified, Serializable {

    /** Who has a share of the summed gradient. */
    public enum Unit {
        /** Each record. */
        RECORD,
        /** Each subject: the sum of the gradients of all of the subject's records. */
        OWNER
    }

    /** @throws IllegalArgumentException if the bound is not positive and finite */
    public Clipping {
        if (!(bound > 0) || Double.isInfinite(bound)) {
            throw new IllegalArgumentException("the clipping bound must be > 0 and finite, got " + bound);
        }
        if (unit == null) {
            throw new IllegalArgumentException("the unit of clipping must be given");
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("Clipping").with("bound", bound).with("unit", unit);
    }

    /** Clips every record's gradient. */
    public static Clipping perRecord(double bound) {
        return new Clipping(bound, Unit.RECORD);
    }

    /** Clips the sum of every subject's gradients. */
    public static Clipping perSubject(double bound) {
        return new Clipping(bound, Unit.OWNER);
    }

    /**
     * {@code min(1, C/norm)}, rounded down so that the product does not exceed C.
     *
     * @param margin relative error of the norm that is allowed for, in [0, 1)
     */
    double weight(double norm, double margin) {
        return norm * (1 + margin) <= bound ? 1 : bound / norm * (1 - margin);
    }
}
