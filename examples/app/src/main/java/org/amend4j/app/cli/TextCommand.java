/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Language models. */
@Command(
        name = "text",
        subcommands = {TextDemoCommand.class, TextPretrainCommand.class})
final class TextCommand extends CommandGroup {}
