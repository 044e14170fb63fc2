/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The attack of Chen et al. (2021) in the form of Mu and Klabjan (2025): an attacker with the models published before and
 * after the deletion measures how far each subject's probabilities moved, {@code ‖p_before - p_after‖₂}; a logistic
 * regression
 * on that number, judged on subjects it was not fitted on. Certificates exclude this observer, and retraining is open
 * to it as well.
 */
final class UnlearnedVersusOriginal {

    private UnlearnedVersusOriginal() {}

    /**
     * The area under the curve on held-out subjects.
     *
     * @param deletedSubjects whose each record of the deleted is
     * @param unseenSubjects whose each record of subjects never trained on is
     * @param level of the interval, in (0, 1)
     */
    public static AttackScore score(
            Observed before,
            Observed after,
            long[] deletedSubjects,
            long[] unseenSubjects,
            CrossValidation validation,
            double level) {
        return validation.score(
                change("the deleted", before.deleted(), after.deleted(), deletedSubjects),
                change("the unseen", before.unseen(), after.unseen(), unseenSubjects),
                level);
    }

    private static SubjectScores change(String what, ModelOutputs before, ModelOutputs after, long[] subjects) {
        return SubjectScores.of(what, OutputChange.of(before.probabilities(), after.probabilities()), subjects);
    }
}
