/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Policies that learn. */
@Command(
        name = "policy",
        description = "Policy gradients: training, evaluation, and where training ended.",
        subcommands = {
            PolicyDemoCommand.class,
            PolicyTrainCommand.class,
            PolicyEvalCommand.class,
            PolicyReportCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class PolicyCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: demo, train, eval or report");
    }
}
