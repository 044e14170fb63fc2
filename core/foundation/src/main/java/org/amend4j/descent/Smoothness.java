/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Objects;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * What is known of the loss ℓ as a function of the adapted weights W (all of them, stacked) and the directly trained
 * parameters h; the weight decay is not part of ℓ.
 *
 * @param lipschitz L, a Lipschitz constant of ∇ℓ in (W, h): {@code ‖∇ℓ(x) - ∇ℓ(y)‖ <= L·‖x - y‖} for all x and y; > 0, finite
 * @param lossLowerBound ℓ*, a lower bound of ℓ over all (W, h), not only over those that adapters reach; finite
 * @param assurance how L and ℓ* are known
 */
public record Smoothness(double lipschitz, double lossLowerBound, Assurance assurance) implements Identified {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Smoothness {
        Checks.positive("L, the Lipschitz constant of the loss's gradient,", lipschitz);
        Checks.finite("the lower bound of the loss", lossLowerBound);
        Objects.requireNonNull(assurance, "assurance");
    }

    @Override
    public Facts facts() {
        return Facts.of("Smoothness")
                .with("lipschitz", lipschitz)
                .with("lossLowerBound", lossLowerBound)
                .with("evidence", assurance);
    }

    /** L by proof, for a loss that is never negative. */
    public static Smoothness proved(double lipschitz) {
        return new Smoothness(lipschitz, 0, Assurance.PROVED);
    }

    /** L on the user's word, for a loss that is never negative. */
    public static Smoothness assumed(double lipschitz) {
        return new Smoothness(lipschitz, 0, Assurance.ASSUMED);
    }

    /** L with four digits. */
    private double digits() {
        return Double.isFinite(lipschitz)
                ? new BigDecimal(lipschitz).round(new MathContext(4)).doubleValue()
                : lipschitz;
    }

    /** What a guarantee that needs L is worth, in words. */
    String label() {
        String known = assurance.name().toLowerCase(Locale.ROOT);
        return switch (assurance) {
            case PROVED, ENFORCED -> "guaranteed (L " + known + ")";
            case ASSUMED -> "guaranteed if L = " + digits() + " holds (" + known + ")";
            case ESTIMATED -> "heuristic (L = " + digits() + " is only " + known + ")";
        };
    }
}
