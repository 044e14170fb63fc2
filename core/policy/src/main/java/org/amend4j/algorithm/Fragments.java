/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * The size of a batch of fragments of episodes, and how advantages are computed from it.
 *
 * @param environments in parallel, at least 1
 * @param steps n, of each environment, at least 1; of all environments together at most 2³¹ − 1
 * @param gae γ, in (0, 1], and λ
 * @param normaliseRewards whether rewards are divided by the running deviation of the discounted return
 */
@RecordBuilder
public record Fragments(int environments, int steps, GeneralizedAdvantage gae, boolean normaliseRewards)
        implements Identified, FragmentsBuilder.With {

    public Fragments {
        Checks.present("gae", gae);
        Checks.atLeast(1, "number of environments", environments);
        Checks.atLeast(1, "number of steps", steps);
        long rows = (long) environments * steps;
        if (rows > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "environments * steps must be <= " + Integer.MAX_VALUE + ", got " + rows);
        }
        Settings.requireGamma(gae.gamma());
    }

    @Override
    public Facts facts() {
        return Facts.of("Fragments")
                .with("environments", environments)
                .with("steps", steps)
                .with("gae", gae)
                .with("normaliseRewards", normaliseRewards);
    }

    /** What this does to the guarantee of a second-order stationary point. */
    void addEffects(List<EffectOnGuarantee> effects) {
        effects.add(EffectOnGuarantee.DROPPED_DISCOUNT);
        effects.add(EffectOnGuarantee.BOOTSTRAP_AT_TRUNCATION);
        effects.add(
                gae.lambda() == 1
                        ? EffectOnGuarantee.GAE_WITH_LAMBDA_ONE
                        : EffectOnGuarantee.GAE_WITH_LAMBDA_BELOW_ONE);
        if (normaliseRewards) {
            effects.add(EffectOnGuarantee.REWARD_NORMALISATION);
        }
    }
}
