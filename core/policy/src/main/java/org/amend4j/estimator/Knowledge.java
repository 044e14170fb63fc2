/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/** How a constant of a bound is known. */
public enum Knowledge {
    /** It follows from the policy's form or the process, or the user vouches for it. */
    KNOWN,
    /** It was the largest seen, and the true one may be larger: what rests on it is an indication, not a bound. */
    ESTIMATED;

    /** The weaker of two. */
    public Knowledge and(Knowledge other) {
        return this == KNOWN ? other : ESTIMATED;
    }
}
