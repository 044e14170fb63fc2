package org.amend4j.validation;

/** Argument checks of numbers for constructors and methods: messages state the rule and the value in one sentence. */
public final class Checks {

    private Checks() {}

    /** In (0, ∞). */
    public static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be > 0 and finite, got " + value);
        }
        return value;
    }

    /** Neither NaN nor infinite. */
    public static double finite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(what + " must be finite, got " + value);
        }
        return value;
    }

    /** In [0, ∞). */
    public static double notNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be >= 0 and finite, got " + value);
        }
        return value;
    }

    /** In [0, ∞]. */
    public static double notNegativeOrInfinite(String what, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(what + " must be >= 0, got " + value);
        }
        return value;
    }

    /** In (0, 1). */
    public static double insideUnit(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(what + " must be in (0, 1), got " + value);
        }
        return value;
    }

    /** In [0, 1]. */
    public static double inUnit(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " must be in [0, 1], got " + value);
        }
        return value;
    }

    /** In [least, ∞). */
    public static int atLeast(int least, String what, int value) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be >= " + least + ", got " + value);
        }
        return value;
    }

    /** In [least, most]. */
    public static int inRange(int least, int most, String what, int value) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be in [" + least + ", " + most + "], got " + value);
        }
        return value;
    }

    /** Requires {@code least <= value <= most}. */
    public static double inRange(double least, double most, String what, double value) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(what + " must be in [" + least + ", " + most + "], got " + value);
        }
        return value;
    }
}
