/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import org.amend4j.internal.validation.Checks;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * What a certificate implies for attacks that tell the unlearned model from the retrained one. An attack on
 * members is a number between 0 and 1 that the released model determines, so its mean over the noise differs between the two
 * models by at most the advantage; no certificate says where that mean lies.
 *
 * @param mu the certificate's μ
 * @param auc largest area under the curve, {@code Φ(μ/√2)}
 * @param advantage largest true minus false positive rate, {@code 2Φ(μ/2) - 1}
 * @param truePositiveRateAt1Percent largest true positive rate, {@code Φ(Φ⁻¹(0.01) + μ)}
 */
public record ImpliedBounds(double mu, double auc, double advantage, double truePositiveRateAt1Percent) {

    /** The sentence that must accompany these bounds wherever they are shown. */
    public static final String ABOUT =
            "The bound is about telling the unlearned model from the retrained one, not members from non-members:"
                    + " that can succeed against the retrained model as well.";

    /** @throws IllegalArgumentException if μ is not at least 0 and finite, or a rate is not in [0, 1] */
    public ImpliedBounds {
        Checks.notNegative("mu", mu);
        for (double rate : new double[] {auc, advantage, truePositiveRateAt1Percent}) {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("a bound on an attack must be in [0, 1], got " + rate);
            }
        }
    }

    /** Rounded up. */
    public static ImpliedBounds of(GaussianPrivacy privacy) {
        return new ImpliedBounds(
                privacy.mu(),
                AttackBounds.auc(privacy),
                AttackBounds.advantage(privacy),
                AttackBounds.truePositiveRate(privacy, 0.01));
    }
}
