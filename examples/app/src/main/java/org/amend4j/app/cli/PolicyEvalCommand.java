/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.policy.EvalJob;
import org.amend4j.app.policy.Surroundings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Plays episodes with a policy. */
@Command(
        name = "eval",
        description =
                "Plays new episodes with a saved policy: with drawn actions, which the discounted return J is about,"
                        + " and with the most likely ones.")
final class PolicyEvalCommand extends PageJob {

    @Mixin
    private PolicyOptions policy = new PolicyOptions();

    @Option(names = "--episodes", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
    private int episodes;

    @Option(
            names = "--record",
            paramLabel = "FILE.png",
            description =
                    "Also show the first episode with most likely actions, in an animated picture. Environments of"
                            + " Gymnasium only.")
    private Optional<Path> film = Optional.empty();

    @Override
    String title() {
        return "Returns of a policy";
    }

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws IOException {
        try (Surroundings surroundings = policy.surroundings()) {
            return EvalJob.run(
                    policy.in(surroundings),
                    OptionRules.atLeast(1, "--episodes", episodes),
                    policy.gamma(),
                    policy.seed(),
                    film,
                    progress);
        }
    }
}
