/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import org.amend4j.internal.validation.Checks;

/**
 * The success of an attack.
 *
 * @param auc area under the ROC curve, in [0, 1]; 1/2 is no better than chance
 * @param low lower end of the interval for the area
 * @param high upper end
 * @param level the interval's confidence, in (0, 1)
 * @param nullDeviation standard deviation of the area if scores were uninformative; for attacks that learn, by permutation
 * @param members subjects of the class that scores should be high for (the deleted)
 * @param others subjects of the other class (never seen)
 * @param truePositiveRateAt1Percent share of members above a threshold that at most 1 % of the others are above
 */
public record AttackScore(
        double auc,
        double low,
        double high,
        double level,
        double nullDeviation,
        int members,
        int others,
        double truePositiveRateAt1Percent) {

    /** @throws IllegalArgumentException if not 0 ≤ low ≤ auc ≤ high ≤ 1, or another component is out of its range */
    public AttackScore {
        if (!(0 <= low && low <= auc && auc <= high && high <= 1)) {
            throw new IllegalArgumentException(
                    "an area and its interval must satisfy 0 <= low <= auc <= high <= 1, got " + low + ", " + auc + ", "
                            + high);
        }
        Checks.insideUnit("the level of an interval", level);
        Checks.positive("the null deviation", nullDeviation);
        Checks.atLeast(2, "the number of subjects among members", members);
        Checks.atLeast(2, "the number of subjects among others", others);
        if (!(truePositiveRateAt1Percent >= 0 && truePositiveRateAt1Percent <= 1)) {
            throw new IllegalArgumentException(
                    "true positive rate must be in [0, 1], got " + truePositiveRateAt1Percent);
        }
    }

    /** Whether the whole interval is above 1/2. */
    public boolean detects() {
        return low > 0.5;
    }
}
