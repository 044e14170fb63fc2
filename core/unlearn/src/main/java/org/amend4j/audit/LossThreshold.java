/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The attack of Yeom et al. (2018): a subject with a small loss is taken for a member. Needs only the released model; a
 * subject's
 * loss is the mean over their records.
 */
final class LossThreshold {

    private LossThreshold() {}

    /**
     * The area under the curve of minus the loss.
     *
     * @param deleted losses of the deleted subjects, one column
     * @param unseen losses of subjects never trained on, one column
     * @param level of the interval, in (0, 1)
     */
    public static AttackScore score(SubjectScores deleted, SubjectScores unseen, double level) {
        return Auc.score(minus(deleted), minus(unseen), level);
    }

    /** The curve with that area. */
    static RocCurve curve(SubjectScores deleted, SubjectScores unseen) {
        return RocCurve.of(minus(deleted), minus(unseen));
    }

    private static double[] minus(SubjectScores losses) {
        if (losses.columns() != 1) {
            throw new IllegalArgumentException("losses must be one column, got " + losses.columns());
        }
        double[] scores = losses.column(0);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = -scores[i];
        }
        return scores;
    }
}
