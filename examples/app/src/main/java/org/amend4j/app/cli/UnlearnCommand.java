/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Models that forget. */
@Command(name = "unlearn", description = "Models that forget subjects, with certificates.")
final class UnlearnCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(
                UnlearnDemoCommand.class,
                UnlearnTrainCommand.class,
                UnlearnAdoptCommand.class,
                UnlearnPlanCommand.class,
                UnlearnDeleteCommand.class,
                UnlearnEvalCommand.class,
                UnlearnVerifyCommand.class,
                UnlearnOpenCommand.class,
                UnlearnAuditCommand.class,
                UnlearnHeadCommand.class,
                UnlearnCosignCommand.class);
    }
}
