/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Optional;
import org.amend4j.algorithm.AlgorithmConfig;
import org.amend4j.algorithm.FragmentConfig;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.PracticeConfig;
import org.amend4j.data.BadInputException;

/**
 * Settings of practice mode that the user chose; what is empty stays as it is.
 *
 * @param environments side by side, of a2c and ppo
 * @param lambda of GAE, of a2c and ppo
 * @param mostNorm of the gradient
 * @param optimizer that takes the steps
 * @param epochs over a batch, of ppo
 * @param minibatches of an epoch, of ppo
 * @param clip of the ratio at first, of ppo
 * @param targetKl beyond which a batch is left, of ppo
 */
public record PracticeTuning(
        Optional<Integer> environments,
        Optional<Double> lambda,
        Optional<Double> mostNorm,
        Optional<OptimizerChoice> optimizer,
        Optional<Integer> epochs,
        Optional<Integer> minibatches,
        Optional<Double> clip,
        Optional<Double> targetKl) {

    /** Nothing is given. */
    static final PracticeTuning USUAL = new PracticeTuning(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /**
     * An algorithm with these settings.
     *
     * @param batch its size, if one is given
     * @throws BadInputException if the algorithm has no such setting
     * @throws IllegalArgumentException if numbers do not fit each other
     */
    AlgorithmConfig applied(AlgorithmConfig usual, Optional<Integer> batch) {
        requireFor(usual);
        AlgorithmConfig config = usual;
        if (mostNorm.isPresent() && config instanceof PracticeConfig<?> practice) {
            config = practice.withMostNorm(mostNorm.get());
        }
        if (optimizer.isPresent() && config instanceof PracticeConfig<?> practice) {
            config = practice.withOptimizer(
                    optimizer.get().optimizer(), practice.climb().rate());
        }
        if (config instanceof Ppo.Config ppo) {
            int parts = minibatches.orElse(ppo.minibatches());
            Ppo.Config whole = ppo.withMinibatches(1).withEpochs(epochs.orElse(ppo.epochs())); // parts of the new batch
            if (clip.isPresent()) {
                whole = whole.withClip(whole.clip().startingAt(clip.get()));
            }
            if (targetKl.isPresent()) {
                whole = whole.withTargetKl(targetKl.get());
            }
            return ((Ppo.Config) sized(whole, batch)).withMinibatches(parts);
        }
        return sized(config, batch);
    }

    private AlgorithmConfig sized(AlgorithmConfig usual, Optional<Integer> batch) {
        AlgorithmConfig config = usual;
        if (environments.isPresent() && config instanceof FragmentConfig<?> fragments) {
            config = fragments.withBatch(
                    environments.get(), fragments.fragments().steps());
        }
        if (lambda.isPresent() && config instanceof FragmentConfig<?> fragments) {
            config = fragments.withLambda(lambda.get());
        }
        try {
            return batch.isPresent() ? config.withBatchSize(batch.get()) : config;
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("--batch " + batch.get() + ": " + bad.getMessage(), bad);
        }
    }

    private void requireFor(AlgorithmConfig config) {
        if (!(config instanceof PracticeConfig)) {
            require("--max-grad-norm", mostNorm, "reinforce, a2c and ppo", config);
            require("--updater", optimizer, "reinforce, a2c and ppo", config);
        }
        if (!(config instanceof FragmentConfig)) {
            require("--environments", environments, "a2c and ppo", config);
            require("--lambda", lambda, "a2c and ppo", config);
        }
        if (!(config instanceof Ppo.Config)) {
            require("--epochs", epochs, "ppo", config);
            require("--minibatches", minibatches, "ppo", config);
            require("--clip", clip, "ppo", config);
            require("--target-kl", targetKl, "ppo", config);
        }
    }

    private static void require(String option, Optional<?> value, String algorithms, AlgorithmConfig config) {
        if (value.isPresent()) {
            throw new BadInputException(
                    option + " is a setting of --algo " + algorithms + ", got " + config.algorithm());
        }
    }
}
