/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The attack of Mu and Klabjan (2025): a logistic regression tells the deleted subjects from subjects never trained on, by
 * the model's outputs for them, and is evaluated on subjects it was not fitted on.
 */
enum LogisticAttack {
    /** By the loss. */
    LOSS {
        @Override
        SubjectScores features(String what, ModelOutputs outputs, long[] subjects) {
            return SubjectScores.of(what, outputs.losses(), subjects);
        }
    },
    /** By the loss and the log odds of every class. */
    LOSS_AND_LOG_ODDS {
        @Override
        SubjectScores features(String what, ModelOutputs outputs, long[] subjects) {
            return SubjectScores.ofRows(what, outputs.lossesAndLogOdds(), subjects);
        }
    };

    abstract SubjectScores features(String what, ModelOutputs outputs, long[] subjects);

    /**
     * The area under the curve on held-out subjects.
     *
     * @param deletedSubjects whose each record of the deleted is
     * @param unseenSubjects whose each record of subjects never trained on is
     * @param level of the interval, in (0, 1)
     */
    public AttackScore score(
            ModelOutputs deleted,
            long[] deletedSubjects,
            ModelOutputs unseen,
            long[] unseenSubjects,
            CrossValidation validation,
            double level) {
        return validation.score(
                features("the deleted", deleted, deletedSubjects),
                features("the unseen", unseen, unseenSubjects),
                level);
    }
}
