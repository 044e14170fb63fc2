/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import org.amend4j.rollout.PolicyScores;

/**
 * The policy that was best in the evaluations of a training compared with the last one, over the same new episodes. The greatest of several
 * means is biased upwards, so the comparison needs new episodes.
 *
 * @param greedy whether most likely actions are compared, as in the evaluations
 * @param same whether they are one policy
 */
record BestAndLast(EpisodeScores best, EpisodeScores last, boolean greedy, boolean same) {

    /** Standard errors of a difference that is taken for more than chance. */
    private static final double CLEAR = 2;

    /** {@code best}, {@code last}, {@code same} if they are one policy, or {@code unclear}. */
    String better() {
        if (same) {
            return "same";
        }
        double difference = score(best) - score(last);
        if (difference == 0 || Math.abs(difference) < CLEAR * error()) {
            return "unclear";
        }
        return difference > 0 ? "best" : "last";
    }

    /** Of the difference; 0 if it was computed from tables. */
    private double error() {
        if (!greedy && best.exact().isPresent()) {
            return 0;
        }
        double first = played(best).deviation();
        double second = played(last).deviation();
        int n = played(best).episodes().size();
        return Math.sqrt((first * first + second * second) / n);
    }

    private PolicyScores played(EpisodeScores scores) {
        return greedy ? scores.greedy() : scores.sampled();
    }

    /** Mean return as well as it is known. */
    double score(EpisodeScores scores) {
        return greedy ? scores.greedy().mean() : scores.drawn();
    }

    String words() {
        String verdict = switch (better()) {
            case "best" -> "the best of the evaluations is better than the last";
            case "last" -> "the last is better than the best of the evaluations";
            case "same" -> "the last is the best of the evaluations";
            default -> "neither is clearly better";
        };
        return same
                ? String.format(Locale.ROOT, "it earns %.2f: %s", score(best), verdict)
                : String.format(
                        Locale.ROOT, "it earns %.2f, the last policy %.2f: %s", score(best), score(last), verdict);
    }

    /** For JSON: mean returns, which is better, and a sentence. */
    record Facts(double best, double last, String better, String sentence) {}

    Facts facts(String sentence) {
        return new Facts(score(best), score(last), better(), sentence);
    }
}
