/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import org.apache.commons.numbers.gamma.Erf;
import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.InverseErfc;

/**
 * Upper bounds on the success of any attack that distinguishes an unlearned model from a retrained one, given {@link
 * GaussianPrivacy}: the best test of N(0,1) against N(μ,1) is a threshold, and no test of the models beats it. Rounded up.
 *
 * <p>The bounds compare unlearned with <em>retrained</em>. An attack that distinguishes members from non-members may do
 * better, even against the retrained model.
 */
public final class AttackBounds {

    private static final double ROOT_TWO = Math.sqrt(2);

    /** Room for rounding: erf and erfc are good to a few units; what multiplies their argument, to three. */
    private static final double UP = 1 + 1e-12;

    /** A quantile is good to 1e-14, which moves a tail by 40 times that, relatively. */
    private static final double TAIL_UP = 1 + 1e-9;

    private static final double MIN_RATE = 1e-300;

    private AttackBounds() {}

    /** Area under the curve at most {@code Φ(μ/√2)}: 1/2 tells nothing. */
    public static double auc(GaussianPrivacy privacy) {
        return Math.min(1, UP * phi(privacy.mu() / ROOT_TWO));
    }

    /** True minus false positive rate at most {@code 2Φ(μ/2) - 1}, the total variation distance. */
    public static double advantage(GaussianPrivacy privacy) {
        return Math.min(1, UP * Erf.value(privacy.mu() / (2 * ROOT_TWO)));
    }

    /**
     * True positive rate at most {@code Φ(Φ⁻¹(FPR) + μ)}.
     *
     * @param falsePositiveRate in [0, 1]; below 1e-300 taken as 1e-300, unless 0
     */
    public static double truePositiveRate(GaussianPrivacy privacy, double falsePositiveRate) {
        if (!(falsePositiveRate >= 0 && falsePositiveRate <= 1)) {
            throw new IllegalArgumentException("false positive rate must be in [0, 1], got " + falsePositiveRate);
        }
        if (falsePositiveRate == 0) {
            return 0;
        }
        double quantile = -ROOT_TWO * InverseErfc.value(2 * Math.max(MIN_RATE, falsePositiveRate));
        return Math.min(1, TAIL_UP * phi(quantile + privacy.mu()));
    }

    /** The standard normal distribution function. */
    private static double phi(double x) {
        return Erfc.value(-x / ROOT_TWO) / 2;
    }
}
