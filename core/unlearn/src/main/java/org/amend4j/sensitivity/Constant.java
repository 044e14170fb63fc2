/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;

/**
 * A constant in a bound, and how it is known.
 *
 * @param value >= 0; +∞ if nothing is known
 * @param assurance how it is known
 * @param reason why it holds, in a few words
 */
public record Constant(double value, Assurance assurance, String reason) {

    /** @throws IllegalArgumentException if the value is negative or NaN */
    public Constant {
        Checks.notNegativeOrInfinite("a constant", value);
        Objects.requireNonNull(assurance, "assurance");
        Objects.requireNonNull(reason, "reason");
    }

    /** It follows from the architecture and public bounds. */
    public static Constant proved(double value, String reason) {
        return new Constant(value, Assurance.PROVED, reason);
    }

    /** The program makes it true or aborts. */
    public static Constant enforced(double value, String reason) {
        return new Constant(value, Assurance.ENFORCED, reason);
    }

    /** The user says so. */
    public static Constant assumed(double value) {
        return new Constant(value, Assurance.ASSUMED, "the user says so");
    }

    /** Measured, so that the true constant may be larger. */
    public static Constant estimated(double value, String reason) {
        return new Constant(value, Assurance.ESTIMATED, reason);
    }

    /** Nothing is known, which is true without proof. */
    public static Constant unknown() {
        return new Constant(Double.POSITIVE_INFINITY, Assurance.PROVED, "nothing is known");
    }

    /** Whether there is a number. */
    public boolean isKnown() {
        return value < Double.POSITIVE_INFINITY;
    }

    /** The weaker of two ways to know something. */
    public static Assurance weaker(Assurance one, Assurance other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
