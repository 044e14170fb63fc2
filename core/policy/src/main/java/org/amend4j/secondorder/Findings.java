/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.List;
import org.amend4j.objective.Precision;
import org.amend4j.validation.Checks;

/**
 * The numbers that a verdict rests on, and what follows from them.
 *
 * @param largestEigenvalue of the (sampled) Hessian
 * @param upperEstimate of λ_max(∇²J)
 * @param hessianSize an upper bound of the Hessian's norm
 * @param rareReturns trajectories with another return than most, of both batches; the greatest number if exact
 * @param dead parameters and components without a gradient whatever is drawn
 * @param assumed whether intervals rest on what was seen for want of a known range
 */
record Findings(
        double epsilon,
        double chi,
        VerdictContext standing,
        Measured gradientSquared,
        Measured curvature,
        double largestEigenvalue,
        double residual,
        double upperEstimate,
        double hessianSize,
        Measured noise,
        CutOff cutOff,
        int rareReturns,
        DeadParts dead,
        boolean assumed) {

    /** Relative to the curvature: with less noise, ascent needs 14 times the time in which distance from a saddle grows e-fold. */
    private static final double NEGLIGIBLE = 1e-6;

    /** Of the scale R/(1-γ): derivatives of linear systems have about six digits more than that. */
    private static final double ROUNDING = 1e-9;

    /** Below so many, returns say nothing about what is rarer still. */
    static final int FEW = 10;

    Findings {
        Checks.positive("epsilon", epsilon);
        Checks.positive("chi", chi);
    }

    double tolerance() {
        return Math.sqrt(chi * epsilon);
    }

    /** Where ranges are those seen and hardly anything was seen, intervals are short for that reason only. */
    GradientTest gradientTest() {
        return tooFew() && assumed ? GradientTest.UNDECIDED : GradientTest.of(gradientSquared, epsilon);
    }

    boolean tooFew() {
        return rareReturns < FEW;
    }

    boolean hessianVanishes() {
        return hessianSize <= ROUNDING * standing.scale();
    }

    SaddleVerdict verdict() {
        return new SaddleVerdict.Grounds(
                        gradientTest(),
                        curvature.low(),
                        upperEstimate,
                        tolerance(),
                        hessianVanishes(),
                        standing.entropyShare(),
                        tooFew())
                .verdict();
    }

    boolean noNoise() {
        return Math.sqrt(Math.max(0, noise.high())) <= NEGLIGIBLE * Math.abs(largestEigenvalue);
    }

    /** Whether no trajectory's gradient has any component: nothing moves at all. */
    boolean nothingMoves(int dimension) {
        return dead.parameters() == dimension;
    }

    SecondOrderReport report(double[] direction, Origin origin) {
        ReportText words = new ReportText(this, origin, direction.length);
        List<String> assumptions = origin.assumptionsOf(verdict());
        return new SecondOrderReport(
                origin.isExact(),
                verdict(),
                cutOff.isWithin(epsilon),
                words.all(),
                words.reason(),
                assumptions,
                origin.error(),
                epsilon,
                chi,
                tolerance(),
                standing,
                gradientSquared,
                gradientTest(),
                curvature,
                largestEigenvalue,
                residual,
                upperEstimate,
                noise,
                noNoise(),
                direction,
                dead.parameters(),
                dead.components(),
                cutOff,
                origin.trajectories(),
                origin.environmentSteps(),
                origin.seed(),
                origin.starts(),
                origin.lanczosSteps(),
                origin.converged(),
                origin.gradientStep(),
                origin.scoreStep(),
                Precision.DOUBLE.name());
    }
}
