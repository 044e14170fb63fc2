/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * The strongest possible attack on a release, for tests: an attacker who knows both means U and R before noise projects
 * noisy copies
 * on U - R, which is the best test of two normal laws. If the noise is what the certificate says, the area under the curve
 * is at most {@code Φ(μ/√2)}; more than that, beyond chance, shows that it is not. Immutable.
 */
final class OracleDirection {

    /** How many deviations beyond the bound are chance: 1 in 740 on either side. */
    private static final double DEVIATIONS = 3;

    private final double[] direction;
    private final double distance;

    /**
     * The direction.
     *
     * @param unlearned U, the parameters after unlearning and before noise, finite
     * @param retrained R, the parameters of the retrained model before noise, as many
     * @throws IllegalArgumentException if both are the same: there is nothing to tell then, and no direction to look in
     */
    public OracleDirection(double[] unlearned, double[] retrained) {
        checkLength(unlearned.length, retrained.length);
        direction = new double[unlearned.length];
        double norm = 0;
        for (int j = 0; j < direction.length; j++) {
            direction[j] = unlearned[j] - retrained[j];
            norm = Math.hypot(norm, direction[j]);
        }
        if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "unlearned and retrained model must be at a distance > 0 and finite, got " + norm);
        }
        for (int j = 0; j < direction.length; j++) {
            direction[j] /= norm;
        }
        distance = norm;
    }

    /** {@code ‖U - R‖}. */
    public double distance() {
        return distance;
    }

    /** The coordinate of a released model along the direction. */
    public double project(double[] released) {
        checkLength(released.length, direction.length);
        double sum = 0;
        for (int j = 0; j < direction.length; j++) {
            sum += released[j] * direction[j];
        }
        return sum;
    }

    private static void checkLength(int got, int wanted) {
        if (got != wanted) {
            throw new IllegalArgumentException(
                    "models to compare must have as many parameters, got " + got + " and " + wanted);
        }
    }

    /**
     * Whether noisy copies are as hard to tell as certified.
     *
     * @param unlearned projections of noisy copies of U, at least 2
     * @param retrained projections of noisy copies of R, at least 2
     * @param certified what the certificate promises
     */
    public static Verdict test(double[] unlearned, double[] retrained, GaussianPrivacy certified) {
        AttackScore score = Auc.score(unlearned, retrained);
        double bound = AttackBounds.auc(certified);
        return new Verdict(score, bound, bound + DEVIATIONS * score.nullDeviation());
    }

    /**
     * What came out.
     *
     * @param score of the unlearned copies against the retrained ones
     * @param bound the certified bound of the area
     * @param allowed the bound and three deviations; the null deviation, which is the largest for two normal laws of the
     *     same width
     */
    public record Verdict(AttackScore score, double bound, double allowed) {

        /** Whether the area, in the better of both orders, is at most what is allowed. */
        public boolean passed() {
            return Math.max(score.auc(), 1 - score.auc()) <= allowed;
        }
    }
}
