/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.internal.validation.Checks;

/**
 * The numbers that a verdict rests on, and what follows from them.
 *
 * @param gradientSquared ‖∇J‖²
 * @param noise CNC(v)
 * @param rareReturns trajectories with another return than most, of both batches; the greatest number if exact
 * @param dead parameters and components without a gradient whatever is drawn
 * @param assumed whether intervals rest on what was seen for want of a known range
 */
record Findings(
        Criterion criterion,
        VerdictContext context,
        Measured gradientSquared,
        Curvature curvature,
        Measured noise,
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
        Checks.present("the criterion", criterion);
    }

    /** Where ranges are those seen and hardly anything was seen, intervals are short for that reason only. */
    GradientTest gradientTest() {
        return tooFew() && assumed ? GradientTest.UNDECIDED : GradientTest.of(gradientSquared, criterion.epsilon());
    }

    boolean tooFew() {
        return rareReturns < FEW;
    }

    boolean hessianVanishes() {
        return curvature.size() <= ROUNDING * context.scale();
    }

    SaddleVerdict verdict() {
        return new SaddleVerdict.Grounds(
                        gradientTest(),
                        curvature.along().low(),
                        curvature.upperEstimate(),
                        criterion.tolerance(),
                        hessianVanishes(),
                        context.entropyShare().high(),
                        tooFew())
                .verdict();
    }

    boolean noNoise() {
        return Math.sqrt(Math.max(0, noise.high())) <= NEGLIGIBLE * Math.abs(curvature.largestEigenvalue());
    }

    /** Whether no trajectory's gradient has any component: nothing moves at all. */
    boolean nothingMoves() {
        return dead.parameters() == dimension();
    }

    int dimension() {
        return curvature.direction().length;
    }

    SecondOrderReport report(Origin origin) {
        ReportText words = new ReportText(this, origin);
        Statement statement = new Statement(
                verdict(),
                criterion.cutOff().isWithin(criterion.epsilon()),
                words.all(),
                words.reason(),
                origin.assumptionsOf(verdict()),
                origin.error());
        return new SecondOrderReport(
                statement,
                criterion,
                context,
                new GradientFinding(gradientSquared, gradientTest()),
                curvature,
                new AscentNoise(noise, noNoise()),
                dead,
                origin.computation());
    }
}
