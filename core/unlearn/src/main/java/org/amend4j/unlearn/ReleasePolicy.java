/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.LifetimeBudget;
import org.amend4j.privacy.PrivacyBudget;

/**
 * The conditions that a release must satisfy; fixed before requests come in.
 *
 * @param budget (ε, δ) of one release
 * @param largestSigma the most noise per parameter that the model tolerates, > 0; +∞ for any
 * @param weakest the weakest assurance that a certificate may rest on; never ESTIMATED
 * @param seconds the most time a method may take, > 0; +∞ for any
 * @param lifetimeEpsilon ε of all releases together, at the δ of one, at least that of one; +∞ for any
 */
@RecordBuilder
public record ReleasePolicy(
        PrivacyBudget budget, double largestSigma, Assurance weakest, double seconds, double lifetimeEpsilon)
        implements ReleasePolicyBuilder.With {

    /** @throws IllegalArgumentException if a number is out of its range, or a certificate would rest on estimates */
    public ReleasePolicy {
        Checks.present("budget", budget);
        Checks.present("weakest", weakest);
        if (!(largestSigma > 0)) {
            throw new IllegalArgumentException("the tolerated noise must be > 0, got " + largestSigma);
        }
        if (weakest == Assurance.ESTIMATED) {
            throw new IllegalArgumentException("a certificate must not rest on ESTIMATED constants");
        }
        Checks.notNegativeOrInfinite("the time of a release", seconds);
        if (!(lifetimeEpsilon >= budget.epsilon())) {
            throw new IllegalArgumentException("the epsilon of all releases together must be at least that of one, "
                    + budget.epsilon() + ", got " + lifetimeEpsilon);
        }
    }

    /** Any amount of noise and time, constants PROVED or ENFORCED. */
    public static ReleasePolicy of(PrivacyBudget budget) {
        return new ReleasePolicy(
                budget,
                Double.POSITIVE_INFINITY,
                Assurance.ENFORCED,
                Double.POSITIVE_INFINITY,
                Double.POSITIVE_INFINITY);
    }

    /** Also accepts what the user says. */
    public ReleasePolicy acceptingAssumptions() {
        return withWeakest(Assurance.ASSUMED);
    }

    /** With a limit on the time. */
    public ReleasePolicy within(double limit) {
        return withSeconds(limit);
    }

    /** With a limit on all releases together. */
    public ReleasePolicy withLifetime(double epsilon) {
        return withLifetimeEpsilon(epsilon);
    }

    /**
     * What all releases together may tell; empty without a limit.
     *
     * @param used of those so far
     */
    public Optional<LifetimeBudget> lifetime(GaussianPrivacy used) {
        return lifetimeEpsilon == Double.POSITIVE_INFINITY
                ? Optional.empty()
                : Optional.of(new LifetimeBudget(new PrivacyBudget(lifetimeEpsilon, budget.delta()), used));
    }
}
