/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.numeric.Downward;
import org.amend4j.numeric.Upward;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.StepMap;

/**
 * A bound of ‖θ_T‖, the norm of what a release adds noise to, that holds whatever the records are: of them it knows how many each step
 * used. Every step makes the bound r of the norm before it the least of what is proved (docs/unlearning.md, (11)):
 *
 * <pre>{@code   |1 - ηλ|·r + ηs·G,   sqrt{ (1 - ηλ)²r² + 2η(1 - ηλ)·s·ℓ₀ + (1 - a)·(ηs·G)² },   the radius of the balls, }</pre>
 *
 * s the step's records over its normaliser, ℓ₀ the most that a record's loss is at θ = 0. The second is for convex losses, with a =
 * min{1, (1 - ηλ)/(ηsL)} where nothing projects and 0 elsewhere. The rounding of the step is added. Fewer records never make it larger,
 * so it holds for every retained part as well. Rounded up.
 */
final class ParameterNorm {

    private final RewindToDelete run;
    private final Guarantee guarantee;
    private final LossBounds bounds;

    private ParameterNorm(RewindToDelete run, Guarantee guarantee) {
        this.run = run;
        this.guarantee = guarantee;
        this.bounds = guarantee.bounds();
    }

    /**
     * The bound after the steps of a trajectory, and after those of a rewind of it.
     *
     * @param ledger of the trajectory, with at least one step
     */
    static double atMost(RewindToDelete run, Guarantee guarantee, ContaminationLedger ledger) {
        return new ParameterNorm(run, guarantee).after(ledger);
    }

    private double after(ContaminationLedger ledger) {
        double radius = bounds.diameter().value() / 2;
        double norm = displaced(ledger, 0, Math.min(guarantee.startNorm(), radius));
        for (int t = 0; t < ledger.size(); t++) {
            LedgerStep step = ledger.step(t);
            double next = Math.min(radius, Math.min(byGradients(step, norm), byLoss(step, norm)));
            double rounding =
                    guarantee.rounding().ofStep(step, guarantee.reach().norm());
            norm = displaced(ledger, t + 1, Upward.add(next, rounding));
        }
        return Math.max(Double.MIN_NORMAL, Math.min(norm, guarantee.reach().norm()));
    }

    private static double displaced(ContaminationLedger ledger, int step, double norm) {
        Constant by = ledger.displacements().get(step);
        return by == null ? norm : Upward.add(norm, by.value());
    }

    private double byGradients(LedgerStep step, double norm) {
        StepMap map = step.map();
        return Upward.add(Upward.multiply(Upward.distanceToOne(map.stepSize(), map.weightDecay()), norm), pushed(step));
    }

    /** ηs·G. */
    private double pushed(LedgerStep step) {
        return Upward.multiply(
                step.map().stepSize(), share(step, bounds.gradientBound().value()));
    }

    /** s times what is true of a record. */
    private static double share(LedgerStep step, double ofRecord) {
        return step.map().normaliser().lipschitz(ofRecord, step.used().size());
    }

    private double byLoss(LedgerStep step, double norm) {
        double eta = step.map().stepSize();
        double shrunk = Upward.multiply(eta, step.map().weightDecay());
        boolean applies = bounds.curvature() != LossCurvature.NONCONVEX
                && run.objective().hasTrueGradient()
                && guarantee.lossAtZero() < Double.POSITIVE_INFINITY
                && shrunk <= 1;
        if (!applies) {
            return Double.POSITIVE_INFINITY;
        }
        double kept = Upward.distanceToOne(eta, step.map().weightDecay());
        double gained = Upward.multiply(Upward.multiply(2 * eta, kept), share(step, guarantee.lossAtZero()));
        double overshot =
                Upward.multiply(Upward.add(1, -covered(step, Downward.add(1, -shrunk))), Upward.square(pushed(step)));
        return Upward.sqrt(Upward.add(Upward.square(Upward.multiply(kept, norm)), Upward.add(gained, overshot)));
    }

    /** a: how much of the step's own length the loss at its beginning pays for; rounded down. */
    private double covered(LedgerStep step, double kept) {
        if (!run.recipe().balls().isEmpty()) {
            return 0;
        }
        double bend = Upward.multiply(
                step.map().stepSize(), share(step, bounds.lipschitz().value()));
        return bend <= kept ? 1 : Downward.divide(kept, bend);
    }
}
