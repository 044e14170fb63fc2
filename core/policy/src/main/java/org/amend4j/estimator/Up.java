package org.amend4j.estimator;

import java.math.BigDecimal;

/** Single operations on finite numbers rounded towards +∞; exact results stay as they are. */
final class Up {

    private Up() {}

    /** a·b for a, b >= 0. */
    static double product(double a, double b) {
        double rounded = a * b;
        return Double.isInfinite(rounded) ? rounded : least(rounded, new BigDecimal(a).multiply(new BigDecimal(b)));
    }

    /** (a - b)/2. */
    static double halfDifference(double a, double b) {
        BigDecimal exact = new BigDecimal(a).subtract(new BigDecimal(b)).divide(BigDecimal.valueOf(2));
        return least(a / 2 - b / 2, exact);
    }

    /** a/b for a >= 0, b > 0. */
    static double quotient(double a, double b) {
        double rounded = a / b;
        boolean enough = Double.isInfinite(rounded)
                || new BigDecimal(rounded).multiply(new BigDecimal(b)).compareTo(new BigDecimal(a)) >= 0;
        return enough ? rounded : Math.nextUp(rounded);
    }

    private static double least(double rounded, BigDecimal exact) {
        return new BigDecimal(rounded).compareTo(exact) >= 0 ? rounded : Math.nextUp(rounded);
    }
}
