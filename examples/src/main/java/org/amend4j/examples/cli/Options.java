package org.amend4j.examples.cli;

import org.amend4j.examples.data.BadInputException;

/** Rules for what options give. */
final class Options {

    private Options() {}

    static int atLeast(int least, String option, int value) {
        if (value < least) {
            throw new BadInputException(option + " must be >= " + least + ", got " + value);
        }
        return value;
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

    static double insideUnit(String option, double value) {
        if (!(value > 0 && value < 1)) {
            throw new BadInputException(option + " must be > 0 and < 1, got " + value);
        }
        return value;
    }
}
