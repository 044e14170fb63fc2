/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/** How well a constant in the theory is founded, strongest first. */
public enum Assurance {
    /** It follows from the architecture and public bounds. */
    PROVED,
    /** The program makes it true or aborts. */
    ENFORCED,
    /** The user says so. */
    ASSUMED,
    /** It was measured on data, which can only find a lower bound of it. */
    ESTIMATED;

    /** Whether a guarantee may rest on it without a condition. */
    public boolean isCertain() {
        return this == PROVED || this == ENFORCED;
    }
}
