/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Objects;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * The constants in the bounds on the bias of truncation.
 *
 * @param gamma γ in (0, 1)
 * @param scores of the policy
 * @param rewards of the process; with 0 if episodes can end
 */
public record BiasConstants(double gamma, ScoreConstants scores, RewardRange rewards) implements Identified {

    /** @throws IllegalArgumentException if the discount is not in (0, 1) */
    public BiasConstants {
        Checks.insideUnit("the discount", gamma);
        Objects.requireNonNull(scores, "scores");
        Objects.requireNonNull(rewards, "rewards");
    }

    @Override
    public Facts facts() {
        return Facts.of("BiasConstants")
                .with("gamma", gamma)
                .with("scores", scores)
                .with("rewards", rewards);
    }

    /**
     * Whether the rewards say how large they can be: one value seen again and again, such as the 0 before a reward that is hardly
     * ever reached, does not, and no bound follows from it.
     */
    public boolean boundsRewards() {
        return rewards.assurance() == BoundAssurance.KNOWN || rewards.most() > rewards.least();
    }

    /** The weaker of what is known of scores and of rewards. */
    public BoundAssurance assurance() {
        return scores.assurance().and(rewards.assurance());
    }
}
