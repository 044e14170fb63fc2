/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.descent.Evidence;
import org.amend4j.internal.validation.Checks;

/**
 * A constant in a bound, and how it is known.
 *
 * @param value >= 0; +∞ if nothing is known
 * @param evidence how it is known
 * @param reason why it holds, in a few words
 */
public record Constant(double value, Evidence evidence, String reason) {

    /** @throws IllegalArgumentException if the value is negative or NaN */
    public Constant {
        Checks.notNegativeOrInfinite("a constant", value);
        Objects.requireNonNull(evidence, "evidence");
        Objects.requireNonNull(reason, "reason");
    }

    /** It follows from the architecture and public bounds. */
    public static Constant proved(double value, String reason) {
        return new Constant(value, Evidence.PROVED, reason);
    }

    /** The program makes it true or aborts. */
    public static Constant enforced(double value, String reason) {
        return new Constant(value, Evidence.ENFORCED, reason);
    }

    /** The user says so. */
    public static Constant assumed(double value) {
        return new Constant(value, Evidence.ASSUMED, "the user says so");
    }

    /** Measured, so that the true constant may be larger. */
    public static Constant estimated(double value, String reason) {
        return new Constant(value, Evidence.ESTIMATED, reason);
    }

    /** Nothing is known, which is true without proof. */
    public static Constant unknown() {
        return new Constant(Double.POSITIVE_INFINITY, Evidence.PROVED, "nothing is known");
    }

    /** Whether there is a number. */
    public boolean isKnown() {
        return value < Double.POSITIVE_INFINITY;
    }

    /** The weaker of two ways to know something. */
    public static Evidence weaker(Evidence one, Evidence other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
