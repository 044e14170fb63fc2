/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/**
 * How well a constant of a bound is founded: the two grades that count for horizons. Proved and assumed constants are both
 * KNOWN here.
 */
public enum BoundAssurance {
    /** It follows from the policy's form or the process, or the user vouches for it. */
    KNOWN,
    /** It was the largest seen, and the true one may be larger: what rests on it is an indication, not a bound. */
    ESTIMATED;

    /** The weaker of two. */
    public BoundAssurance and(BoundAssurance other) {
        return this == KNOWN ? other : ESTIMATED;
    }
}
