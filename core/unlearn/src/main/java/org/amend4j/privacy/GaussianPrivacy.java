/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.util.Collection;

/**
 * μ-Gaussian privacy (Dong, Roth, Su 2022): distinguishing X from Y is at least as hard as distinguishing N(0,1) from N(μ,1) from one
 * draw. This one number gives every (ε,δ) and every attack bound, and composes exactly, so certificates store it.
 *
 * @param mu distance over standard deviation; at least 0 and finite, 0 where both outputs are the same
 */
public record GaussianPrivacy(double mu) {

    /** 1/√(2π), rounded up. */
    private static final double DENSITY_AT_0 = Math.nextUp(Math.nextUp(1 / Math.sqrt(2 * Math.PI)));

    /** Nothing can be told: the outputs have the same law. */
    public static final GaussianPrivacy EXACT = new GaussianPrivacy(0);

    /** @throws IllegalArgumentException if μ is negative, infinite or NaN */
    public GaussianPrivacy {
        if (!(mu >= 0 && mu < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("mu must be at least 0 and finite, got " + mu);
        }
        mu = Math.abs(mu); // no -0
    }

    /** One release: Gaussian noise σ per coordinate on means at distance at most {@code sensitivity}; rounded up. */
    public static GaussianPrivacy ofRelease(double sensitivity, double sigma) {
        GaussianMechanism.checkSensitivity(sensitivity);
        if (!(sigma > 0 && sigma < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma must be above 0 and finite, got " + sigma);
        }
        return new GaussianPrivacy(Math.nextUp(sensitivity / sigma));
    }

    /**
     * Independent releases together, as seen by one observer of all of them: {@code √(Σμ²)}, rounded up. A person deleted
     * at one release is exposed in it and in every later one that is made from the same trajectory. Nothing together is
     * {@link #EXACT}.
     */
    public static GaussianPrivacy composed(Collection<GaussianPrivacy> releases) {
        GaussianPrivacy all = EXACT;
        for (GaussianPrivacy release : releases) {
            all = all.and(release);
        }
        return all;
    }

    /** Both releases together, rounded up. */
    public GaussianPrivacy and(GaussianPrivacy other) {
        if (mu == 0 || other.mu == 0) {
            return mu == 0 ? other : this;
        }
        // Math.hypot is within one unit of the truth and neither over- nor underflows on the way.
        return new GaussianPrivacy(Math.nextUp(Math.hypot(mu, other.mu)));
    }

    /**
     * The least ε at this δ, rounded up: 0 where δ is at least the total variation distance of the outputs, 2Φ(μ/2) - 1. Below
     * μ = 1e-5, where its formula has no digits left, it is 0 or that of 1e-5, which is larger.
     *
     * @throws IllegalArgumentException if μ is above 1e3
     */
    public double epsilon(double delta) {
        PrivacyBudget.checkDelta(delta);
        if (mu >= GaussianMechanism.MIN_MU) {
            return GaussianMechanism.epsilon(mu, delta);
        }
        return totalVariation() <= delta ? 0 : GaussianMechanism.epsilon(GaussianMechanism.MIN_MU, delta);
    }

    /** 2Φ(μ/2) - 1 from above: the density of the standard normal is at most 1/√(2π). */
    private double totalVariation() {
        return Math.nextUp(Math.nextUp(mu * DENSITY_AT_0));
    }

    /** Whether this is within the budget, erring towards no. */
    public boolean within(PrivacyBudget budget) {
        return epsilon(budget.delta()) <= budget.epsilon();
    }
}
