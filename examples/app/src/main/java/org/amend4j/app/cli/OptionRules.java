/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;

/** Rules for what options give. */
final class OptionRules {

    /** Height and width of pictures that adapters can have on record. */
    static final int LARGEST_SIDE = 4096;

    private OptionRules() {}

    static int atLeast(int least, String option, int value) {
        if (value < least) {
            throw new BadInputException(option + " must be >= " + least + ", got " + value);
        }
        return value;
    }

    /** Of pictures; 0 if it was not given. */
    static int side(@Nullable Integer side) {
        if (side != null && side > LARGEST_SIDE) {
            throw new BadInputException("--side must be <= " + LARGEST_SIDE + ", got " + side);
        }
        return side == null ? 0 : atLeast(1, "--side", side);
    }

    static long atLeastOne(String option, long value) {
        if (value < 1) {
            throw new BadInputException(option + " must be >= 1, got " + value);
        }
        return value;
    }

    static double positive(String option, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new BadInputException(option + " must be > 0 and finite, got " + value);
        }
        return value;
    }

    static double notNegative(String option, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new BadInputException(option + " must be >= 0 and finite, got " + value);
        }
        return value;
    }

    static double insideUnit(String option, double value) {
        if (!(value > 0 && value < 1)) {
            throw new BadInputException(option + " must be > 0 and < 1, got " + value);
        }
        return value;
    }
}
