/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Policies that learn. */
@Command(
        name = "policy",
        description = "Policy gradients: training, evaluation, and where training ended.",
        subcommands = {
            PolicyDemoCommand.class,
            PolicyTrainCommand.class,
            PolicyEvalCommand.class,
            PolicyReportCommand.class
        })
final class PolicyCommand extends CommandGroup {}
