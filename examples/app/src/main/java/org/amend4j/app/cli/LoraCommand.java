/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Low-rank adapters. */
@Command(
        name = "lora",
        description = "Trains, checks, merges, combines and imports low-rank adapters (LoRA).",
        subcommands = {
            LoraTrainCommand.class,
            LoraEvalCommand.class,
            LoraMergeCommand.class,
            LoraInfoCommand.class,
            LoraImportCommand.class,
            LoraCombineCommand.class
        })
final class LoraCommand extends CommandGroup {}
