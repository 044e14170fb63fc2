/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import org.amend4j.app.policy.OptimizerChoice;
import org.amend4j.app.policy.PracticeTuning;
import picocli.CommandLine.Option;

/** Settings of practice mode; what is not given is the preset's, or usual. */
final class PracticeOptions {

    @Option(names = "--environments", paramLabel = "N", description = "Of a2c and ppo: environments side by side.")
    private Optional<Integer> environments = Optional.empty();

    @Option(names = "--lambda", paramLabel = "L", description = "Of a2c and ppo: of generalised advantages.")
    private Optional<Double> lambda = Optional.empty();

    @Option(
            names = "--max-grad-norm",
            paramLabel = "C",
            description = "Of reinforce, a2c and ppo: longer gradients are shortened to this.")
    private Optional<Double> mostNorm = Optional.empty();

    @Option(
            names = "--updater",
            description = "Of reinforce, a2c and ppo: ${COMPLETION-CANDIDATES}; each wants another learning rate.")
    private Optional<OptimizerChoice> updater = Optional.empty();

    @Option(names = "--epochs", paramLabel = "N", description = "Of ppo: passes over a batch.")
    private Optional<Integer> epochs = Optional.empty();

    @Option(names = "--minibatches", paramLabel = "N", description = "Of ppo: parts of a batch, a step for each.")
    private Optional<Integer> minibatches = Optional.empty();

    @Option(names = "--clip", paramLabel = "C", description = "Of ppo: the ratio is clipped to 1-C and 1+C, at first.")
    private Optional<Double> clip = Optional.empty();

    @Option(
            names = "--target-kl",
            paramLabel = "KL",
            description = "Of ppo: a batch is left after the epoch that comes farther than this.")
    private Optional<Double> targetKl = Optional.empty();

    PracticeTuning tuning() {
        return new PracticeTuning(
                environments.map(number -> OptionRules.atLeast(1, "--environments", number)),
                lambda,
                mostNorm.map(norm -> OptionRules.positive("--max-grad-norm", norm)),
                updater,
                epochs.map(number -> OptionRules.atLeast(1, "--epochs", number)),
                minibatches.map(number -> OptionRules.atLeast(1, "--minibatches", number)),
                clip.map(width -> OptionRules.insideUnit("--clip", width)),
                targetKl.map(kl -> OptionRules.positive("--target-kl", kl)));
    }
}
