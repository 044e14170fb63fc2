/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Models in Hugging Face's layout. */
@Command(
        name = "checkpoint",
        description = "Makes folders in Hugging Face's layout, which --base takes, of models in other formats.",
        subcommands = {CheckpointImportCommand.class})
final class CheckpointCommand extends CommandGroup {}
