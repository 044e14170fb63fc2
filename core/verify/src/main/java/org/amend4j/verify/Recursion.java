/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.Map;
import org.amend4j.verify.Claims.Constants;
import org.amend4j.verify.Claims.Shape;
import org.amend4j.verify.Claims.Steps;
import org.jspecify.annotations.Nullable;

/**
 * The recursion of docs/unlearning.md, (1), with 40 decimal digits: how far the trajectory can be from the retrained one, in real
 * numbers and as computed. Rounded to nearest, so that claims, which are rounded up, are never below it by more than 1e-30 of it.
 */
final class Recursion {

    private static final MathContext DIGITS = new MathContext(40);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    /** What the claims add up in doubles can move by this much, relatively; closer bounds are a tie. */
    private static final BigDecimal TIE = BigDecimal.ONE.add(new BigDecimal("1e-9"));

    private static final BigDecimal OVERFLOW = new BigDecimal("1e320");

    private final Constants constants;
    private final BigDecimal gradient;
    private BigDecimal exact = BigDecimal.ZERO;
    private BigDecimal computed = BigDecimal.ZERO;
    private final Map<Active, Integer> surely = new EnumMap<>(Active.class);
    private int ties;
    private boolean contaminated;
    private boolean smoothness;
    private @Nullable String broken;

    /** Which of the bounds is the least. */
    enum Active {
        RECURSION,
        CAP,
        DIAMETER
    }

    /** A step's numbers: {@code rho·x + disturbed}, {@code decay·x + capped}; without ρ if L is not known. */
    private record Terms(@Nullable BigDecimal rho, BigDecimal disturbed, BigDecimal decay, BigDecimal capped) {}

    private Recursion(Claims claims) {
        this.constants = claims.grounds().constants();
        this.gradient = exactly(constants.gradientBound().value());
    }

    static Recursion of(Claims claims) {
        Recursion recursion = new Recursion(claims);
        int first = 0;
        for (Steps steps : claims.grounds().bound().steps()) {
            recursion.broken = recursion.broken == null ? recursion.condition(steps, first) : recursion.broken;
            recursion.make(steps);
            first += steps.count();
        }
        return recursion;
    }

    /** D_T in real numbers; infinite if it exceeds the range of doubles. */
    double exact() {
        return exact.doubleValue();
    }

    /** D_T of the computed trajectories. */
    double computed() {
        return computed.doubleValue();
    }

    /** The difference, which as doubles would have lost its digits. */
    double rounding() {
        return computed.subtract(exact).doubleValue();
    }

    /** Whether at as many steps as claimed a bound was the least one, ties going either way. */
    boolean agrees(Active active, int claimed) {
        int least = count(active);
        return claimed >= least && claimed <= least + ties;
    }

    int count(Active active) {
        return surely.getOrDefault(active, 0);
    }

    /** How many steps there are from the first that used a deleted record. */
    int counted() {
        return ties + surely.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Whether some step used a deleted record. */
    boolean contaminated() {
        return contaminated;
    }

    /** Whether the distance rests on L. */
    boolean usesSmoothness() {
        return smoothness;
    }

    /** The first step that the curvature does not allow; null if there is none. */
    @Nullable
    String broken() {
        return broken;
    }

    private @Nullable String condition(Steps steps, int first) {
        String place = " (step " + first + ")";
        if (steps.isMean() && steps.retained() == 0) {
            return "a step that divides by its number of records retains none" + place;
        }
        BigDecimal eta = exactly(steps.stepSize());
        BigDecimal lambda = exactly(steps.weightDecay());
        if (constants.curvature() == Shape.NONCONVEX) {
            return null;
        }
        boolean strongly = constants.curvature() == Shape.STRONGLY_CONVEX;
        if (strongly != steps.weightDecay() > 0) {
            return constants.curvature() + " does not go with weight decay " + steps.weightDecay() + place;
        }
        BigDecimal curvature = times(eta, smooth(steps).add(lambda.multiply(TWO), DIGITS));
        return curvature.compareTo(new BigDecimal("2.00000000000000000000000000001")) > 0
                ? "step size " + steps.stepSize() + " is too long for " + constants.curvature() + " losses" + place
                : null;
    }

    /** L_t; L must be finite. */
    private BigDecimal smooth(Steps steps) {
        BigDecimal l = exactly(constants.lipschitz().value());
        return steps.isMean()
                ? l
                : times(l, BigDecimal.valueOf(steps.retained())).divide(exactly(steps.normaliser()), DIGITS);
    }

    private void make(Steps steps) {
        if (steps.deleted() == 0 && !contaminated) {
            return;
        }
        contaminated = true;
        Terms terms = terms(steps);
        BigDecimal error = exactly(2 * constants.rounding().ofStep(steps, constants.reach()));
        for (int i = 0; i < steps.count() && computed.compareTo(OVERFLOW) < 0; i++) {
            exact = counted(terms);
            computed = least(terms, computed).add(error, DIGITS);
        }
    }

    private Terms terms(Steps steps) {
        BigDecimal eta = exactly(steps.stepSize());
        BigDecimal k = BigDecimal.valueOf(steps.retained());
        BigDecimal c = BigDecimal.valueOf(steps.deleted());
        BigDecimal decay = BigDecimal.ONE
                .subtract(times(eta, exactly(steps.weightDecay())))
                .abs();
        BigDecimal disturbed;
        BigDecimal capped;
        if (steps.isMean()) {
            BigDecimal twice = times(TWO, gradient);
            disturbed = times(twice, c).divide(BigDecimal.valueOf(Math.max(1, steps.used())), DIGITS);
            capped = twice;
        } else {
            BigDecimal each = gradient.divide(exactly(steps.normaliser()), DIGITS);
            disturbed = times(each, c);
            capped = times(each, k.add(k).add(c));
        }
        return new Terms(rho(steps, eta, decay), times(eta, disturbed), decay, times(eta, capped));
    }

    private @Nullable BigDecimal rho(Steps steps, BigDecimal eta, BigDecimal decay) {
        if (constants.curvature() != Shape.NONCONVEX) {
            // |1 - ηλ| is 1 without decay, and what the condition leaves below 1 with it
            return decay;
        }
        if (!steps.isMean() && steps.retained() == 0) {
            return decay;
        }
        return Double.isInfinite(constants.lipschitz().value()) ? null : decay.add(times(eta, smooth(steps)), DIGITS);
    }

    private static @Nullable BigDecimal recursion(Terms terms, BigDecimal x) {
        if (x.signum() == 0) {
            return terms.disturbed;
        }
        return terms.rho == null ? null : times(terms.rho, x).add(terms.disturbed, DIGITS);
    }

    private static BigDecimal cap(Terms terms, BigDecimal x) {
        return times(terms.decay, x).add(terms.capped, DIGITS);
    }

    private BigDecimal least(Terms terms, BigDecimal x) {
        BigDecimal recursion = recursion(terms, x);
        BigDecimal least = cap(terms, x);
        least = recursion == null ? least : least.min(recursion);
        double diameter = constants.diameter().value();
        return Double.isInfinite(diameter) ? least : least.min(exactly(diameter));
    }

    /** One step in real numbers; notes the least bound, if it is the least by more than a tie. */
    private BigDecimal counted(Terms terms) {
        BigDecimal recursion = recursion(terms, exact);
        BigDecimal cap = cap(terms, exact);
        double diameter = constants.diameter().value();
        BigDecimal set = Double.isInfinite(diameter) ? null : exactly(diameter);
        BigDecimal least = recursion == null ? cap : cap.min(recursion);
        least = set == null ? least : least.min(set);
        BigDecimal limit = times(least, TIE);
        boolean byRecursion = recursion != null && recursion.compareTo(limit) <= 0;
        boolean byCap = cap.compareTo(limit) <= 0;
        boolean byDiameter = set != null && set.compareTo(limit) <= 0;
        if ((byRecursion ? 1 : 0) + (byCap ? 1 : 0) + (byDiameter ? 1 : 0) > 1) {
            ties++;
        } else if (byRecursion) {
            surely.merge(Active.RECURSION, 1, Integer::sum);
            smoothness |= exact.signum() > 0;
        } else {
            surely.merge(byCap ? Active.CAP : Active.DIAMETER, 1, Integer::sum);
        }
        return least;
    }

    private static BigDecimal times(BigDecimal a, BigDecimal b) {
        return a.multiply(b, DIGITS);
    }

    private static BigDecimal exactly(double value) {
        return new BigDecimal(value).round(DIGITS);
    }
}
