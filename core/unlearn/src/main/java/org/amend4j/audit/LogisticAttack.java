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

    /**
     * The inputs of the regression.
     *
     * @param what the subjects, for messages
     * @param subjects the subject of each record
     */
    abstract SubjectScores features(String what, ModelOutputs outputs, long[] subjects);
}
