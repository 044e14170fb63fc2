/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * About how many trajectories a batch would decide what is undecided: those of a report, times the square of how much shorter its
 * intervals have to be, as they shrink like 1/√n; where hardly any number differs from the others they shrink like 1/n. It takes the
 * estimates for the truth, so it is no promise.
 */
final class Deciding {

    /** Of the number, which is rounded up. */
    private static final int DIGITS = 2;

    /** More are as good as none. */
    private static final double MOST = 1e9;

    private final Findings found;

    Deciding(Findings found) {
        this.found = found;
    }

    /**
     * In words.
     *
     * @param used trajectories of a batch of the report
     */
    String words(int used) {
        boolean unseen = found.tooFew() && found.rareReturns() == 0;
        double needed = used * factor();
        if (!(needed < MOST)) {
            return "the estimates are too near to the criterion to say how many would decide";
        }
        String number = String.format(
                Locale.ROOT,
                "%,d",
                new BigDecimal(needed)
                        .round(new MathContext(DIGITS, RoundingMode.CEILING))
                        .setScale(0, RoundingMode.CEILING)
                        .toBigInteger());
        return unseen
                ? "at least about " + number + " a batch, and none suffice if all returns are alike"
                : "about " + number + " a batch would decide, if the estimates are right";
    }

    /** At least 1. */
    private double factor() {
        double shorter = Math.max(1, intervals());
        if (!found.tooFew()) {
            return shorter * shorter;
        }
        // a return that none of m trajectories had has a probability of at most 3/m
        double rare = Findings.FEW / (found.rareReturns() == 0 ? 3.0 : found.rareReturns());
        return Math.max(rare, shorter);
    }

    /** How many times shorter: of the gradient if it is large, of the curvature if that is, else of both. */
    private double intervals() {
        double epsilon = found.criterion().epsilon();
        double tolerance = found.criterion().tolerance();
        Measured squared = found.gradientSquared();
        double norm = Math.sqrt(Math.max(0, Math.min(squared.high(), Math.max(squared.low(), squared.value()))));
        double curvature = found.curvature().along().value();
        // the lower end is cut off at 0, and then nearer than it would be
        double length = Math.max(norm - Math.sqrt(Math.max(0, squared.low())), Math.sqrt(squared.high()) - norm);
        double ofGradient = shorter(length, Math.abs(norm - epsilon));
        double ofCurvature = curvature > tolerance
                ? shorter(curvature - found.curvature().along().low(), curvature - tolerance)
                : shorter(found.curvature().upperEstimate() - curvature, tolerance - curvature);
        if (norm > epsilon) {
            return curvature > tolerance ? Math.min(ofGradient, ofCurvature) : ofGradient;
        }
        return curvature > tolerance ? ofCurvature : Math.max(ofGradient, ofCurvature);
    }

    private static double shorter(double length, double wanted) {
        return wanted > 0 ? length / wanted : Double.POSITIVE_INFINITY;
    }
}
