/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/**
 * How well a score separates two classes: the area under the ROC curve as the Mann-Whitney statistic, the probability that a
 * member scores above a non-member, ties counted as one half. Each score belongs to one subject; scores of several records
 * of the same subject go through {@link SubjectScores} first. All methods take at least two finite scores of each class.
 */
public final class Auc {

    /** The default level of intervals. */
    public static final double USUAL_LEVEL = 0.95;

    /** Room for a rate that is a decimal fraction: 0.01 of 300 is 3. */
    private static final double ROUNDING = 1e-9;

    private Auc() {}

    /** The area, exact but for one division; O(n log n). */
    public static double of(double[] members, double[] others) {
        check(members, others);
        return Placements.area(Placements.doubled(members, others), others.length);
    }

    /** The area with the interval of DeLong, DeLong and Clarke-Pearson (1988) at {@link #USUAL_LEVEL}. */
    public static AttackScore score(double[] members, double[] others) {
        return score(members, others, USUAL_LEVEL);
    }

    /**
     * The area with DeLong's interval, clipped to [0, 1]. Its coverage is asymptotic: with few subjects, and near 0 and 1, it
     * is too short. Where DeLong's variance is 0 (all separated, or all tied) the interval reaches as far as disjoint pairs
     * prove: {@code 1 - (α/2)^(1/k)} with k subjects in the smaller class.
     *
     * @param level of confidence, in (0, 1)
     */
    public static AttackScore score(double[] members, double[] others, double level) {
        check(members, others);
        long[] wins = Placements.doubled(members, others);
        long[] losses = Placements.doubled(others, members);
        double area = Placements.area(wins, others.length);
        double variance =
                Placements.variance(wins, others.length, area) + Placements.variance(losses, members.length, 1 - area);
        Interval interval = Interval.around(area, variance, Math.min(members.length, others.length), level);
        return new AttackScore(
                area,
                interval.low(),
                interval.high(),
                level,
                nullDeviation(members.length, others.length),
                members.length,
                others.length,
                truePositiveRate(members, others, 0.01));
    }

    /** Standard deviation of the area if scores tell nothing and are all different: {@code √((n₁+n₀+1)/(12 n₁n₀))}. */
    public static double nullDeviation(int members, int others) {
        Checks.atLeast(1, "the number of members", members);
        Checks.atLeast(1, "the number of others", others);
        return Math.sqrt(((double) members + others + 1) / (12.0 * members * others));
    }

    /**
     * The largest share of members above a threshold that at most this share of the others is above. With fewer than
     * 1/rate others none of them may be.
     *
     * @param falsePositiveRate in [0, 1]
     */
    public static double truePositiveRate(double[] members, double[] others, double falsePositiveRate) {
        if (!(falsePositiveRate >= 0 && falsePositiveRate <= 1)) {
            throw new IllegalArgumentException("false positive rate must be in [0, 1], got " + falsePositiveRate);
        }
        check(members, others);
        int allowed = (int) Math.floor(falsePositiveRate * others.length + ROUNDING);
        if (allowed >= others.length) {
            return 1;
        }
        double[] sorted = others.clone();
        Arrays.sort(sorted);
        double threshold = sorted[sorted.length - 1 - allowed];
        return (double) Arrays.stream(members)
                        .filter(score -> score > threshold)
                        .count()
                / members.length;
    }

    static void check(double[] members, double[] others) {
        check("members", members);
        check("others", others);
    }

    private static void check(String what, double[] scores) {
        Checks.atLeast(2, "the number of subjects among " + what, scores.length);
        for (int i = 0; i < scores.length; i++) {
            Checks.finite("score " + i + " of " + what, scores[i]);
        }
    }
}
