/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.secondorder.Computation.Sampling;
import org.amend4j.secondorder.DeadComponent;
import org.amend4j.secondorder.Measured;
import org.amend4j.secondorder.SecondOrderReport;

/**
 * A second-order report for JSON: groups are level there. Components of {@link Measured}, {@link DeadComponent} and {@link Sampling}
 * are fields under their own names.
 */
record SecondOrderFacts(
        @JsonUnwrapped Finding finding,
        @JsonUnwrapped Measure measure,
        @JsonUnwrapped Gradient gradient,
        @JsonUnwrapped Curvature curvature,
        @JsonUnwrapped Noise noise,
        @JsonUnwrapped Dead dead,
        @JsonUnwrapped CutOff cutOff,
        @JsonUnwrapped Computation computation) {

    static SecondOrderFacts of(SecondOrderReport report) {
        return new SecondOrderFacts(
                Finding.of(report),
                Measure.of(report),
                new Gradient(
                        report.gradient().squared(), report.gradient().test().name()),
                Curvature.of(report.curvature()),
                new Noise(report.noise().along(), report.noise().negligible()),
                new Dead(report.dead().parameters(), report.dead().components()),
                CutOff.of(report.criterion().cutOff()),
                new Computation(
                        report.computation().sampling(),
                        report.computation().search().steps(),
                        report.computation().search().converged(),
                        report.computation().gradientStep(),
                        report.computation().precision()));
    }

    /** What is infinite is not known. */
    private static OptionalDouble ifFinite(double number) {
        return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
    }

    /**
     * What the numbers say.
     *
     * @param reason of an inconclusive verdict
     */
    record Finding(
            boolean exact,
            String verdict,
            boolean ofWholeReturn,
            String words,
            Optional<String> reason,
            List<String> assumptions,
            double errorRate) {

        static Finding of(SecondOrderReport report) {
            return new Finding(
                    report.exact(),
                    report.verdict().name(),
                    report.statement().ofWholeReturn(),
                    report.statement().words(),
                    Optional.of(report.statement().reason()).filter(reason -> !reason.isEmpty()),
                    report.statement().assumptions(),
                    report.statement().error());
        }
    }

    /** What the numbers are measured by: criterion and context. */
    record Measure(
            double epsilon,
            double chi,
            double tolerance,
            double scale,
            OptionalDouble entropyShare,
            OptionalDouble entropyShareAtMost,
            OptionalDouble gap) {

        static Measure of(SecondOrderReport report) {
            return new Measure(
                    report.criterion().epsilon(),
                    report.criterion().chi(),
                    report.criterion().tolerance(),
                    report.context().scale(),
                    ifFinite(report.context().entropyShare().value()),
                    ifFinite(report.context().entropyShare().high()),
                    ifFinite(report.context().gap()));
        }
    }

    /** Its squared norm, and what a test says of it. */
    record Gradient(Measured gradientSquared, String gradientTest) {}

    /** The steepest. */
    record Curvature(
            @JsonProperty("curvature") Measured along,
            double largestEigenvalue,
            double residual,
            double upperEstimate) {

        static Curvature of(org.amend4j.secondorder.Curvature found) {
            return new Curvature(found.along(), found.largestEigenvalue(), found.residual(), found.upperEstimate());
        }
    }

    /** Along the direction of that curvature. */
    record Noise(Measured noiseAlongDirection, boolean noNoise) {}

    /** Parameters without a gradient. */
    record Dead(int deadParameters, List<DeadComponent> deadComponents) {}

    /**
     * What the horizon leaves out.
     *
     * @param biasBoundA with the others, where it is finite
     */
    record CutOff(
            int horizon,
            double gamma,
            @JsonProperty("cutOff") String sentence,
            boolean biasBoundsKnown,
            OptionalDouble biasBoundA,
            OptionalDouble biasBoundB,
            OptionalDouble biasBoundC) {

        static CutOff of(org.amend4j.secondorder.CutOff cut) {
            return new CutOff(
                    cut.steps(),
                    cut.gamma(),
                    cut.sentence(),
                    cut.constants().equals(BoundAssurance.KNOWN.name()),
                    ifFinite(cut.boundA()),
                    ifFinite(cut.boundB()),
                    ifFinite(cut.boundC()));
        }
    }

    /** How the numbers came about. */
    record Computation(
            @JsonUnwrapped Sampling sampling,
            int lanczosSteps,
            boolean converged,
            double gradientStep,
            String precision) {}
}
