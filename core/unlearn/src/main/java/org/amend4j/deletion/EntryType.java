/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.util.EnumSet;
import java.util.Set;

/** The kinds of entries in a {@link DeletionLedger}. */
public enum EntryType {
    /** The ledger begins. */
    OPENED,
    /** A line that a crash had left half-written was cut off. */
    CUT,
    /** A person asked to be forgotten. */
    RECEIVED,
    /** The person is known, and the request is in order. */
    VALIDATED,
    /** The request belongs to a batch with a date. */
    SCHEDULED,
    /** What will be done is fixed; written before any noise is drawn. */
    INTENT,
    /** The new model exists, not yet visible. */
    UNLEARNED,
    /** The new model is visible. */
    RELEASED,
    /** The certificate is written. */
    CERTIFIED,
    /** What the deletion makes obsolete was destroyed. */
    ERASED,
    /** The request was turned down, or what was asked cannot be certified; nothing was released. */
    REFUSED;

    /** Whether this is a state of a request. */
    public boolean isState() {
        return this != OPENED && this != CUT;
    }

    /** The states that may follow this one. */
    public Set<EntryType> next() {
        return switch (this) {
            case OPENED, CUT -> EnumSet.noneOf(EntryType.class);
            case RECEIVED -> EnumSet.of(VALIDATED, REFUSED);
            case VALIDATED -> EnumSet.of(SCHEDULED, REFUSED);
            case SCHEDULED -> EnumSet.of(INTENT, REFUSED);
            case INTENT -> EnumSet.of(UNLEARNED, REFUSED);
            case UNLEARNED -> EnumSet.of(RELEASED, REFUSED);
            case RELEASED -> EnumSet.of(CERTIFIED);
            case CERTIFIED -> EnumSet.of(ERASED);
            case ERASED -> EnumSet.noneOf(EntryType.class);
            case REFUSED -> EnumSet.of(RECEIVED);
        };
    }
}
