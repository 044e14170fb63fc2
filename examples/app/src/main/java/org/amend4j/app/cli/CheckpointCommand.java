/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Models in Hugging Face's layout. */
@Command(
        name = "checkpoint",
        description = "Makes folders in Hugging Face's layout, which --base takes, of models in other formats.")
final class CheckpointCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(CheckpointImportCommand.class);
    }
}
