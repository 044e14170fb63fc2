/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The attack of Chen et al. (2021) in the form of Mu and Klabjan (2025): an attacker with the models published before and
 * after the deletion measures how far each person's probabilities moved, {@code ‖p_before - p_after‖₂}; a logistic
 * regression
 * on that number, judged on persons it was not fitted on. Certificates exclude this observer, and retraining is open
 * to it as well.
 */
public final class UnlearnedVersusOriginal {

    private UnlearnedVersusOriginal() {}

    /**
     * The area under the curve on held-out persons.
     *
     * @param deletedOwners whose each record of the deleted is
     * @param unseenOwners whose each record of persons never trained on is
     * @param level of the interval, in (0, 1)
     */
    public static AttackScore score(
            Observed before,
            Observed after,
            long[] deletedOwners,
            long[] unseenOwners,
            CrossValidation validation,
            double level) {
        return validation.score(
                change("the deleted", before.deleted(), after.deleted(), deletedOwners),
                change("the unseen", before.unseen(), after.unseen(), unseenOwners),
                level);
    }

    private static PersonScores change(String what, ModelOutputs before, ModelOutputs after, long[] owners) {
        return PersonScores.of(what, OutputChange.of(before.probabilities(), after.probabilities()), owners);
    }
}
