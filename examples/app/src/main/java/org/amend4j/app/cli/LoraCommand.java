/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Low-rank adapters. */
@Command(
        name = "lora",
        description = "Explains, trains, checks, merges, combines, imports and exports low-rank adapters (LoRA).",
        subcommands = {
            LoraExplainCommand.class,
            LoraTrainCommand.class,
            LoraEvalCommand.class,
            LoraMergeCommand.class,
            LoraInfoCommand.class,
            LoraImportCommand.class,
            LoraExportCommand.class,
            LoraCombineCommand.class
        })
final class LoraCommand extends CommandGroup {}
