/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.estimator.RewardRange;

/**
 * The user's settings for a training; what is empty is chosen for the environment and the algorithm.
 *
 * @param environment name, with options or without
 * @param surroundings where environments come from
 * @param algorithm one of {@link Algorithms#NAMES}
 * @param tuning of the algorithm
 * @param practice settings of practice mode
 * @param beginning where the policy starts
 * @param checkpoints when they are kept
 * @param evaluation on the way and at the end
 */
public record TrainingOptions(
        String environment,
        Surroundings surroundings,
        String algorithm,
        Tuning tuning,
        PracticeTuning practice,
        Beginning beginning,
        CheckpointRule checkpoints,
        EvaluationChoice evaluation) {

    /**
     * How long, how wide and how fast.
     *
     * @param steps environment steps at most, &gt; 0
     * @param hidden widths of the hidden layers
     * @param rate learning rate, or step size
     * @param gamma discount
     * @param entropy weight of its bonus, of practice mode
     * @param horizon H of theory mode
     * @param biasTolerance that H is chosen for instead
     * @param rewards range that the environment keeps to
     * @param batch trajectories, pairs, episodes, or steps of each environment
     * @param rolloutBatch most trajectories, pairs, episodes or environments that are played together
     */
    public record Tuning(
            Optional<Long> steps,
            Optional<List<Integer>> hidden,
            Optional<Double> rate,
            Optional<Double> gamma,
            Optional<Double> entropy,
            Optional<Integer> horizon,
            Optional<Double> biasTolerance,
            Optional<RewardRange> rewards,
            Optional<Integer> batch,
            Optional<Integer> rolloutBatch) {

        /** Nothing is given. */
        static final Tuning USUAL = new Tuning(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        /** Nothing is given but the widths of the hidden layers. */
        static Tuning hidden(List<Integer> widths) {
            return new Tuning(
                    USUAL.steps,
                    Optional.of(List.copyOf(widths)),
                    USUAL.rate,
                    USUAL.gamma,
                    USUAL.entropy,
                    USUAL.horizon,
                    USUAL.biasTolerance,
                    USUAL.rewards,
                    USUAL.batch,
                    USUAL.rolloutBatch);
        }
    }

    /**
     * Where a policy starts: at random parameters, as a graph, as a saved policy, or as one with a new adapter.
     *
     * @param distribution of actions
     * @param model a graph to begin with
     * @param from folder of a policy to go on with
     * @param adapterOf folder of a policy to adapt
     * @param rank of the adapter
     * @param alpha numerator of its scaling; empty: the rank
     */
    public record Beginning(
            Optional<DistributionChoice> distribution,
            Optional<Path> model,
            Optional<Path> from,
            Optional<Path> adapterOf,
            int rank,
            Optional<Double> alpha) {

        /** At random parameters. */
        static final Beginning FRESH = new Beginning(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 1, Optional.empty());

        /** The options that say so. */
        List<String> given() {
            List<String> given = new ArrayList<>();
            model.ifPresent(path -> given.add("--model"));
            from.ifPresent(path -> given.add("--from"));
            adapterOf.ifPresent(path -> given.add("--adapter-of"));
            return given;
        }
    }
}
