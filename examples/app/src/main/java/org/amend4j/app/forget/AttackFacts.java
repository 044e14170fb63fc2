/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.amend4j.audit.Attack;
import org.amend4j.audit.AttackScore;
import org.amend4j.audit.AuditRow;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.ImpliedBounds;

/**
 * One attack on one model, for JSON.
 *
 * @param nullDeviation standard deviation of the AUC if scores were uninformative
 * @param tprAt1Percent share of the deleted above a threshold that at most 1 % of the unseen are above
 */
public record AttackFacts(
        Attack attack,
        AuditedModel model,
        @JsonUnwrapped Auc auc,
        double nullDeviation,
        int deletedPersons,
        int unseenPersons,
        double tprAt1Percent) {

    /**
     * Of the attack, with its confidence interval.
     *
     * @param low end of the interval
     * @param high end of the interval
     * @param level of confidence
     */
    public record Auc(double auc, double low, double high, double level) {}

    /** What a certificate admits at most. */
    public record Certified(double certifiedMu, double certifiedAuc, double certifiedAdvantage) {

        public static Certified of(ImpliedBounds bounds) {
            return new Certified(bounds.mu(), bounds.auc(), bounds.advantage());
        }
    }

    public static AttackFacts of(AuditRow row) {
        AttackScore score = row.score();
        return new AttackFacts(
                row.attack(),
                row.model(),
                new Auc(score.auc(), score.low(), score.high(), score.level()),
                score.nullDeviation(),
                score.members(),
                score.others(),
                score.truePositiveRateAt1Percent());
    }
}
