/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.estimator.GeneralizedAdvantage;

/**
 * Settings of algorithms that learn from fragments of episodes, with a critic.
 *
 * @param <C> the settings' own type
 */
public sealed interface FragmentConfig<C extends FragmentConfig<C>> extends PracticeConfig<C>
        permits A2c.Config, Ppo.Config {

    /** What is learned from. */
    Fragments fragments();

    C withFragments(Fragments other);

    @Override
    default boolean needsValue() {
        return true;
    }

    @Override
    default double gamma() {
        return fragments().gae().gamma();
    }

    @Override
    default C withGamma(double discount) {
        return withGae(new GeneralizedAdvantage(discount, fragments().gae().lambda()));
    }

    /** With another λ of GAE, in [0, 1]. */
    default C withLambda(double weight) {
        return withGae(new GeneralizedAdvantage(gamma(), weight));
    }

    private C withGae(GeneralizedAdvantage gae) {
        return withFragments(fragments().withGae(gae));
    }

    /** With rewards divided by the running deviation of the discounted return. */
    default C withNormalisedRewards() {
        return withFragments(fragments().withNormaliseRewards(true));
    }

    /** With so many environments, and so many steps of each. */
    default C withBatch(int environments, int steps) {
        return withFragments(fragments().withEnvironments(environments).withSteps(steps));
    }

    @Override
    default C withBatchSize(int size) {
        return withBatch(fragments().environments(), size);
    }
}
