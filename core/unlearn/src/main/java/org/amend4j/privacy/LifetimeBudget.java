/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.util.Objects;

/**
 * What all releases of a model together may reveal about any subject, and what earlier ones have revealed already. Releases
 * compose by {@link GaussianPrivacy#and}. A subject who was forgotten at some release is affected by it and by later ones, hence never by
 * more than all of them. So what holds for all of them holds for every subject.
 *
 * @param limit (ε, δ) of all releases together
 * @param used of the releases so far
 */
public record LifetimeBudget(PrivacyBudget limit, GaussianPrivacy used) {

    /** How far below the exact root {@link #left} stays, relatively. */
    private static final double MARGIN = 1e-9;

    /** @throws NullPointerException if something is missing */
    public LifetimeBudget {
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(used, "used");
    }

    /** Nothing used yet. */
    public static LifetimeBudget of(PrivacyBudget limit) {
        return new LifetimeBudget(limit, GaussianPrivacy.EXACT);
    }

    /** Whether one more release keeps all of them within the limit, erring towards no. One that tells nothing always does. */
    public boolean admits(GaussianPrivacy next) {
        return next.mu() == 0 || used.and(next).within(limit);
    }

    /** After one more release. */
    public LifetimeBudget after(GaussianPrivacy next) {
        return new LifetimeBudget(limit, used.and(next));
    }

    /** ε of the releases so far, at the limit's δ. */
    public double usedEpsilon() {
        return used.epsilon(limit.delta());
    }

    /** What one more release may tell, rounded down; {@link GaussianPrivacy#EXACT} where nothing is left. */
    public GaussianPrivacy left() {
        boolean tooTight =
                GaussianMechanism.lnDelta(GaussianMechanism.MIN_MU, limit.epsilon()) > Math.log(limit.delta());
        double whole = tooTight ? 0 : GaussianMechanism.mu(limit);
        if (whole <= used.mu()) {
            return GaussianPrivacy.EXACT;
        }
        double root = Math.sqrt(whole - used.mu()) * Math.sqrt(whole + used.mu());
        GaussianPrivacy left = new GaussianPrivacy(root * (1 - MARGIN));
        return admits(left) ? left : GaussianPrivacy.EXACT;
    }

    /** ε of {@link #left}, at the limit's δ. */
    public double leftEpsilon() {
        return left().epsilon(limit.delta());
    }
}
