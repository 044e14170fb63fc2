/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Models that forget. */
@Command(
        name = "unlearn",
        description = "Models that forget subjects, with certificates.",
        subcommands = {
            UnlearnDemoCommand.class,
            UnlearnClothesCommand.class,
            UnlearnGridCommand.class,
            UnlearnTrainCommand.class,
            UnlearnAdoptCommand.class,
            UnlearnPlanCommand.class,
            UnlearnDeleteCommand.class,
            UnlearnVerifyCommand.class,
            UnlearnOpenCommand.class,
            UnlearnAuditCommand.class,
            UnlearnHeadCommand.class,
            UnlearnCosignCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class UnlearnCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing command: demo, clothes, grid, train, adopt, plan, delete, verify, open, audit, head or cosign");
    }
}
