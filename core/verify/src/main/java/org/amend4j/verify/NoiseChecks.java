/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import org.amend4j.verify.Claims.Constants;
import org.amend4j.verify.Claims.Noise;
import org.amend4j.verify.Claims.Point;
import org.amend4j.verify.Claims.Privacy;

/** The noise, and what it hides (docs/privacy.md). */
final class NoiseChecks {

    private static final double TOLERANCE = 1e-12;

    /** The claims about δ come from another formula, good to about this. */
    private static final double FORMULA = 1e-9;

    private static final double GENEROUS = 1 + 1e-6;

    /** The total variation distance of discrete and continuous noise, times units²: φ(1)/12, rounded up. */
    private static final double VARIATION = 0.0202;

    private final Claims claims;
    private final Noise noise;
    private final Privacy privacy;
    private final double mu;

    NoiseChecks(Claims claims) {
        this.claims = claims;
        this.noise = claims.protection().noise();
        this.privacy = claims.protection().privacy();
        this.mu = (claims.grounds().bound().delta() + noise.step() * Math.sqrt(noise.dimension())) / noise.sigma();
    }

    List<Check> all() {
        return List.of(noise(), privacy(), attacks());
    }

    private Check noise() {
        Inspection all = new Inspection("noise");
        Constants constants = claims.grounds().constants();
        all.require(
                noise.units() >= 1L << 20 && noise.units() <= 1L << 45,
                "sigma must be 2^20 to 2^45 steps of the grid, not " + noise.units());
        all.require(
                noise.sigma() == Math.scalb((double) noise.units(), noise.gridExponent()),
                "sigma is not " + noise.units() + " times 2^" + noise.gridExponent());
        all.require(noise.dimension() >= 1, "there must be parameters");
        all.requireAtLeast("the bound of the parameters", noise.parameterBound(), constants.reach(), 0);
        all.require(
                noise.parameterBound() > 0 && noise.parameterBound() / noise.step() < 0x1p53,
                "the grid is too fine for parameters up to " + noise.parameterBound());
        if (constants.rounding().isHead()) {
            all.requireAtLeast(
                    "the number of parameters",
                    noise.dimension(),
                    constants.rounding().number("inputs"),
                    0);
        }
        all.require(!noise.source().isBlank(), "the noise must come from somewhere");
        all.note(
                noise.sigma() * Math.sqrt(noise.dimension()) > constants.movement(),
                "it is larger than all that training can do");
        return all.conclude("sigma " + noise.sigma() + " per parameter, on a grid that does not tell the parameters");
    }

    private double discreteness(double epsilon) {
        double units = noise.units();
        return noise.dimension() * VARIATION / (units * units) * (1 + Math.exp(epsilon));
    }

    /** δ of the claimed μ, or of the one computed here if that is larger. */
    private double delta(double epsilon) {
        return PrivacyProfile.delta(Math.max(mu, privacy.mu()), epsilon) + discreteness(epsilon);
    }

    private Check privacy() {
        Inspection all = new Inspection("privacy");
        Point budget = privacy.budget();
        all.requireAtLeast("mu", privacy.mu(), mu, TOLERANCE);
        double reached = delta(budget.epsilon());
        all.require(
                reached <= budget.delta() * (1 + TOLERANCE) && budget.delta() < 1,
                "delta at epsilon " + budget.epsilon() + " is " + reached + ", the budget is " + budget.delta());
        all.requireAtLeast("delta at the budget's epsilon", privacy.deltaAtBudget(), reached, FORMULA);
        all.note(
                privacy.deltaAtBudget() > reached * GENEROUS,
                "delta is claimed to be " + privacy.deltaAtBudget() + ", more than it need be");
        for (Point point : privacy.points()) {
            double there = delta(point.epsilon());
            all.require(
                    there <= point.delta() * GENEROUS,
                    "delta at epsilon " + point.epsilon() + " is " + there + ", not " + point.delta());
        }
        all.requireAtLeast("mu of all releases together", privacy.composedMu(), privacy.mu(), TOLERANCE);
        all.note(
                budget.delta() * claims.deletion().recordsBefore() > 1,
                "a delta above one over the number of records means little");
        return all.conclude("delta at epsilon " + budget.epsilon() + " is " + reached + ", within the budget");
    }

    private Check attacks() {
        Inspection all = new Inspection("attacks");
        double worst = Math.max(mu, privacy.mu());
        double auc = PrivacyProfile.auc(worst);
        double advantage = PrivacyProfile.advantage(worst);
        all.requireAtLeast("the best attack's area under the curve", privacy.attackAuc(), auc, FORMULA);
        all.requireAtLeast("the best attack's advantage", privacy.attackAdvantage(), advantage, FORMULA);
        all.note(auc > 0.95, "attacks can still succeed");
        return all.conclude("no attack has a larger area under its curve than " + auc);
    }
}
