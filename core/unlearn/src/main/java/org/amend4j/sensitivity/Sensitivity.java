/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Locale;
import org.amend4j.internal.validation.Checks;

/** Δ: how far the model after a deletion can be from the one retrained without the deleted records, noise apart. */
public sealed interface Sensitivity {

    /** Whether Δ is known to be at most this much. */
    boolean isAtMost(double wanted);

    /**
     * The bound, or a refusal.
     *
     * @throws IllegalStateException if there is none, saying why
     */
    double delta();

    /**
     * There is a bound.
     *
     * @param delta Δ, rounded up; >= 0 and finite
     */
    record Bounded(double delta) implements Sensitivity {

        /** @throws IllegalArgumentException if Δ is out of its range */
        public Bounded {
            Checks.notNegative("a sensitivity", delta);
        }

        @Override
        public boolean isAtMost(double wanted) {
            return delta <= wanted;
        }
    }

    /**
     * The bound is too large for a double, or infinite: nothing can be certified.
     *
     * @param logarithm ln Δ, about; may be +∞
     */
    record Unbounded(double logarithm) implements Sensitivity {

        @Override
        public boolean isAtMost(double wanted) {
            return false;
        }

        @Override
        public double delta() {
            throw new IllegalStateException(reason());
        }

        /** The refusal in one sentence. */
        public String reason() {
            return logarithm == Double.POSITIVE_INFINITY
                    ? "the sensitivity is infinite, so that no noise can cover it"
                    : String.format(
                            Locale.ROOT, "the sensitivity is about e^%.6g, so that no noise can cover it", logarithm);
        }
    }

    /** What there is for a computed bound, which may be infinite. */
    static Sensitivity of(double delta) {
        return delta == Double.POSITIVE_INFINITY ? new Unbounded(delta) : new Bounded(delta);
    }
}
