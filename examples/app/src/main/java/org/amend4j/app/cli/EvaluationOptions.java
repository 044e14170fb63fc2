/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.app.policy.EvaluationChoice;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** Whether and how a policy is evaluated while it is trained. */
final class EvaluationOptions {

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            description = "Evaluate the policy every N environment steps, in environments of its own, and keep the best"
                    + " one in best/ (default: not at all). Training is the same with it and without.")
    private Optional<Long> every = Optional.empty();

    @Option(
            names = "--eval-episodes",
            paramLabel = "M",
            description = "Episodes of an evaluation (default: " + PeriodicEvaluation.Config.EPISODES + ").")
    private Optional<Integer> episodes = Optional.empty();

    @Option(names = "--eval-greedy", description = "Evaluate the most likely actions instead of drawn ones.")
    private boolean greedy;

    @Option(
            names = "--final-episodes",
            paramLabel = "N",
            description =
                    "New episodes of the trained policy at the end, as many with drawn as with most likely actions;"
                            + " 0: none (default: " + EvaluationChoice.EPISODES + ").")
    private int atEnd = EvaluationChoice.EPISODES;

    EvaluationChoice choice() {
        return new EvaluationChoice(along(), OptionRules.atLeast(0, "--final-episodes", atEnd));
    }

    private Optional<PeriodicEvaluation.Config> along() {
        if (every.isEmpty() && (episodes.isPresent() || greedy)) {
            throw new BadInputException((greedy ? "--eval-greedy" : "--eval-episodes")
                    + " is for evaluations during training: --eval-every says after how many steps, and"
                    + " --final-episodes how many are played at the end");
        }
        return every.map(steps -> new PeriodicEvaluation.Config(
                OptionRules.atLeastOne("--eval-every", steps),
                OptionRules.atLeast(1, "--eval-episodes", episodes.orElse(PeriodicEvaluation.Config.EPISODES)),
                greedy));
    }
}
