/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/** A setting of practice mode that may change with the environment steps taken. */
public sealed interface Schedule extends Identified {

    /** The setting after so many environment steps. */
    double at(long steps);

    /** With another first value. */
    Schedule startingAt(double value);

    /** Arrives after so many environment steps; what never changes stays as it is. */
    Schedule endingAt(long steps);

    /** Always the same. */
    static Schedule constant(double value) {
        return new Constant(value);
    }

    /** From a value down to 0. */
    static Schedule linear(double from, long steps) {
        return new Linear(from, 0, steps);
    }

    /** Always the same, > 0. */
    record Constant(double value) implements Schedule {

        public Constant {
            Checks.positive("setting", value);
        }

        @Override
        public Facts facts() {
            return Facts.of("Constant").with("value", value);
        }

        @Override
        public double at(long steps) {
            return value;
        }

        @Override
        public Constant startingAt(double other) {
            return new Constant(other);
        }

        @Override
        public Constant endingAt(long steps) {
            return this;
        }
    }

    /**
     * Linear between two values, then the second one.
     *
     * @param from > 0
     * @param to at least 0
     * @param steps after how many environment steps it is reached
     */
    record Linear(double from, double to, long steps) implements Schedule {

        public Linear {
            Checks.positive("first setting", from);
            Checks.notNegative("last setting", to);
            if (steps < 1) {
                throw new IllegalArgumentException("steps of a schedule must be >= 1, got " + steps);
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Linear").with("from", from).with("to", to).with("steps", steps);
        }

        @Override
        public double at(long done) {
            double share = Math.min(1, (double) done / steps);
            return from + share * (to - from);
        }

        @Override
        public Linear startingAt(double other) {
            return new Linear(other, to, steps);
        }

        @Override
        public Linear endingAt(long end) {
            return new Linear(from, to, end);
        }
    }
}
