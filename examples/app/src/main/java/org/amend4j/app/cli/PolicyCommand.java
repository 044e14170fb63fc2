/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Policies that learn. */
@Command(name = "policy", description = "Policy gradients: training, evaluation, and where training ended.")
final class PolicyCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(
                PolicyDemoCommand.class, PolicyTrainCommand.class, PolicyEvalCommand.class, PolicyReportCommand.class);
    }
}
