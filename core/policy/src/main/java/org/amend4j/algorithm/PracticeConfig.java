/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

/**
 * Settings of practice mode.
 *
 * @param <C> the settings' own type
 */
public interface PracticeConfig<C extends PracticeConfig<C>> extends AlgorithmConfig {

    /** What is climbed. */
    Terms terms();

    /** How. */
    OptimizerConfig climb();

    C withTerms(Terms other);

    C withClimb(OptimizerConfig other);

    /** With another discount, in (0, 1]. */
    C withGamma(double discount);

    /** With schedules that arrive after so many environment steps, at least 1. */
    default C withScheduleEnd(long steps) {
        return withClimb(climb().withRate(climb().rate().endingAt(steps)));
    }

    @Override
    default double firstRate() {
        return climb().rate().at(0);
    }

    @Override
    default C withFirstRate(double rate) {
        return withClimb(climb().withRate(climb().rate().startingAt(rate)));
    }

    /** With or without advantages brought to mean 0 and deviation 1. */
    default C withNormalise(boolean wanted) {
        return withTerms(terms().withNormalise(wanted));
    }

    /** With another weight of the entropy. */
    default C withEntropy(double weight) {
        return withTerms(terms().withEntropy(weight));
    }

    /** With another weight of the critic's error. */
    default C withValueWeight(double weight) {
        return withTerms(terms().withValue(weight));
    }

    /** With another optimiser and learning rate. */
    default C withOptimizer(Optimizer other, Schedule rate) {
        return withClimb(new OptimizerConfig(other, rate, climb().mostNorm()));
    }

    /** With another largest norm of the gradient. */
    default C withMostNorm(double norm) {
        return withClimb(climb().withMostNorm(norm));
    }
}
