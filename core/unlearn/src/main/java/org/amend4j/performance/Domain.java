/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.performance;

/** The set to which descent confines the parameters, and where the loss is known to be smooth. */
public enum Domain {
    /** Anywhere; the loss is smooth everywhere. */
    WHOLE_SPACE,
    /** A closed convex set onto which every step projects; the loss is smooth everywhere. */
    SET,
    /** A closed convex set onto which every step projects, outside of which nothing is known of the loss. */
    SET_ALONE;

    /** Whether steps project. */
    public boolean isProjected() {
        return this != WHOLE_SPACE;
    }

    /** Whether noise, which may leave the set, leads to where the loss is smooth too. */
    public boolean isSmoothEverywhere() {
        return this != SET_ALONE;
    }
}
