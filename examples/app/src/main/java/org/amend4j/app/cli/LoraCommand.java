/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Low-rank adapters. */
@Command(
        name = "lora",
        description = "Explains, trains, checks, merges, combines, imports and exports low-rank adapters (LoRA).")
final class LoraCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(
                LoraExplainCommand.class,
                LoraTrainCommand.class,
                LoraEvalCommand.class,
                LoraMergeCommand.class,
                LoraInfoCommand.class,
                LoraImportCommand.class,
                LoraExportCommand.class,
                LoraCombineCommand.class);
    }
}
