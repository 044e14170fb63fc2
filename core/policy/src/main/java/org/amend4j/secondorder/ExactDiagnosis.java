/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.List;
import org.amend4j.estimator.Horizon;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.objective.AdapterBlock;

/** The report without sampling, for policies with a known return: gradient, all eigenvalues and CNC from linear algebra. */
public final class ExactDiagnosis {

    private ExactDiagnosis() {}

    /**
     * The report for J, or for J_H if the return is cut off; the bias of J_H is not reported then.
     *
     * @param theta parameters, [dimension]
     * @param epsilon ε > 0
     * @param chi χ > 0
     * @throws ArithmeticException if θ is not finite
     */
    public static SecondOrderReport of(ExactReturn exact, double[] theta, double epsilon, double chi) {
        CutOff cutOff = exact.horizon().isEmpty()
                ? CutOff.none(exact.gamma())
                : new CutOff(
                        exact.horizon().getAsInt(),
                        exact.gamma(),
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        "UNKNOWN",
                        "Of the first " + exact.horizon().getAsInt() + " steps.");
        return report(exact, theta, epsilon, chi, cutOff);
    }

    /**
     * Of J_H with the horizon's bounds.
     *
     * @param exact without a horizon, or with the same one
     * @throws IllegalArgumentException if the horizon's discount is another one
     */
    public static SecondOrderReport of(ExactReturn exact, double[] theta, Horizon horizon, double epsilon, double chi) {
        if (horizon.constants().gamma() != exact.gamma()) {
            throw new IllegalArgumentException("the horizon's discount must be the return's, " + exact.gamma()
                    + ", got " + horizon.constants().gamma());
        }
        return report(exact.truncated(horizon.steps()), theta, epsilon, chi, CutOff.of(horizon));
    }

    private static SecondOrderReport report(
            ExactReturn exact, double[] theta, double epsilon, double chi, CutOff cutOff) {
        double[] gradient = exact.returnGradient(theta);
        double squared = 0;
        for (double number : gradient) {
            squared += number * number;
        }
        SymmetricSpectrum spectrum = exact.returnSpectrum(theta);
        double[] v = spectrum.top();
        double largest = spectrum.largest();
        Curvature curvature =
                new Curvature(v, Measured.exact(largest), largest, 0, largest, Math.max(largest, -spectrum.smallest()));
        Findings findings = new Findings(
                new Criterion(epsilon, chi, cutOff),
                new VerdictContext(exact.scale(), Measured.exact(exact.entropyShare(theta)), exact.gap(theta)),
                Measured.exact(squared),
                curvature,
                Measured.exact(exact.estimateSecondMoment(theta, v)),
                Integer.MAX_VALUE,
                DeadParts.of(exact.deadParameters(theta), theta, adapters(exact.map())),
                false);
        return findings.report(Origin.exact(theta.length));
    }

    /**
     * The blocks of a low-rank map: its rows of A and columns of B are, transposed, an adapter's columns and rows.
     * Their scaling does not matter.
     */
    private static List<AdapterBlock> adapters(LogitMap map) {
        return map instanceof LogitMap.LowRank low
                ? List.of(new AdapterBlock(
                        "logits", 0, low.actions(), low.rank(), low.rank() * low.actions(), low.observations(), 1))
                : List.of();
    }
}
