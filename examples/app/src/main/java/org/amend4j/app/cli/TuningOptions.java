/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.policy.Algorithms;
import org.amend4j.app.policy.TrainingOptions;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a policy is trained, where the user does not want what is usual for the environment and the algorithm. */
final class TuningOptions {

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Environment steps of a run, which ends with the update that reaches them.")
    private Optional<Long> steps = Optional.empty();

    @Option(
            names = "--hidden",
            paramLabel = "N,N",
            description = "Widths of the hidden layers of a new network, or none.")
    private Optional<String> hidden = Optional.empty();

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "Step size; of schedules, the first (adapters: twice the usual).")
    private Optional<Double> rate = Optional.empty();

    @Option(names = "--gamma", paramLabel = "G", description = "Discount.")
    private Optional<Double> gamma = Optional.empty();

    @Option(
            names = "--entropy",
            paramLabel = "W",
            description = "Of reinforce, a2c and ppo: weight of the entropy bonus, 0 for none; encourages exploration.")
    private Optional<Double> entropy = Optional.empty();

    @Option(names = "--horizon", paramLabel = "H", description = "Of gpomdp: trajectories are cut off after H steps.")
    private Optional<Integer> horizon = Optional.empty();

    @Option(
            names = "--bias-tolerance",
            paramLabel = "EPS",
            description = "Of gpomdp: the least H whose cut-off changes the gradient by at most this.")
    private Optional<Double> biasTolerance = Optional.empty();

    @Mixin
    private RewardRangeOption rewards = new RewardRangeOption();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Trajectories (gpomdp), pairs (actor-critic), episodes (reinforce), or steps of each environment"
                            + " (a2c, ppo) for an update.")
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--rollout-batch",
            paramLabel = "N",
            description =
                    "Play trajectories, pairs, episodes or environments (a2c, ppo) in batches of at most N, each with"
                            + " random numbers of its own, which can be played anywhere with the same bits; all together unless given.")
    private Optional<Integer> rolloutBatch = Optional.empty();

    /** Whether what is played is divided. */
    boolean isDivided() {
        return rolloutBatch.isPresent();
    }

    /** The settings as they were given, each in its range. */
    TrainingOptions.Tuning of(String algorithm) {
        return new TrainingOptions.Tuning(
                steps.map(most -> OptionRules.atLeastOne("--steps", most)),
                hidden.map(TuningOptions::widths),
                rate.map(value -> OptionRules.positive("--learning-rate", value)),
                gamma(algorithm),
                entropy.map(weight -> OptionRules.notNegative("--entropy", weight)),
                horizon.map(most -> OptionRules.atLeast(1, "--horizon", most)),
                biasTolerance.map(value -> OptionRules.positive("--bias-tolerance", value)),
                rewards.get(),
                batch.map(size -> OptionRules.atLeast(1, "--batch", size)),
                rolloutBatch.map(size -> OptionRules.atLeast(1, "--rollout-batch", size)));
    }

    /** Below 1; practice mode may do without a discount. */
    private Optional<Double> gamma(String algorithm) {
        return gamma.map(value -> value == 1 && !Algorithms.isTheory(algorithm)
                ? value
                : Double.valueOf(OptionRules.insideUnit("--gamma", value)));
    }

    private static List<Integer> widths(String text) {
        if (text.equals("none")) {
            return List.of();
        }
        if (!text.matches("[1-9]\\d{0,4}(,[1-9]\\d{0,4})*")) {
            throw new BadInputException(
                    "--hidden must be widths in [1, 99999], such as 64,64, or none, got '" + text + "'");
        }
        return Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
    }
}
