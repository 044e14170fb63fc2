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
     * The inputs of the regression.
     *
     * @param what the subjects, for messages
     * @param subjects the subject of each record
     */
    static SubjectScores features(String what, ModelOutputs before, ModelOutputs after, long[] subjects) {
        return SubjectScores.of(what, OutputChange.of(before.probabilities(), after.probabilities()), subjects);
    }
}
