/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Low-rank adapters. */
@Command(
        name = "lora",
        description = "Trains, checks, merges and imports low-rank adapters (LoRA).",
        subcommands = {
            LoraTrainCommand.class,
            LoraEvalCommand.class,
            LoraMergeCommand.class,
            LoraInfoCommand.class,
            LoraImportCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class LoraCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: train, eval, merge, info or import");
    }
}
