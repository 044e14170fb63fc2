/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/** The attack reported in a row. */
public enum Attack {
    /** {@link LossThreshold}. */
    LOSS_THRESHOLD,
    /** {@link LogisticAttack#LOSS}. */
    LOGISTIC_LOSS,
    /** {@link LogisticAttack#LOSS_AND_LOG_ODDS}. */
    LOGISTIC_LOSS_AND_LOG_ODDS,
    /** {@link UnlearnedVersusOriginal}. */
    UNLEARNED_VERSUS_ORIGINAL,
    /** {@link LikelihoodRatio}; needs {@link Shadows}. */
    LIKELIHOOD_RATIO
}
