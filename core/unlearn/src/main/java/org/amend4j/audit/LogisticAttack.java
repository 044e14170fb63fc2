/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The attack of Mu and Klabjan (2025): a logistic regression tells the deleted persons from persons never trained on, by
 * the model's outputs for them, and is evaluated on persons it was not fitted on.
 */
public enum LogisticAttack {
    /** By the loss. */
    LOSS {
        @Override
        PersonScores features(String what, ModelOutputs outputs, long[] owners) {
            return PersonScores.of(what, outputs.losses(), owners);
        }
    },
    /** By the loss and the log odds of every class. */
    LOSS_AND_LOG_ODDS {
        @Override
        PersonScores features(String what, ModelOutputs outputs, long[] owners) {
            return PersonScores.ofRows(what, outputs.lossesAndLogOdds(), owners);
        }
    };

    abstract PersonScores features(String what, ModelOutputs outputs, long[] owners);

    /**
     * The area under the curve on held-out persons.
     *
     * @param deletedOwners whose each record of the deleted is
     * @param unseenOwners whose each record of persons never trained on is
     * @param level of the interval, in (0, 1)
     */
    public AttackScore score(
            ModelOutputs deleted,
            long[] deletedOwners,
            ModelOutputs unseen,
            long[] unseenOwners,
            CrossValidation validation,
            double level) {
        return validation.score(
                features("the deleted", deleted, deletedOwners), features("the unseen", unseen, unseenOwners), level);
    }
}
