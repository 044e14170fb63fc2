/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Language models. */
@Command(name = "text", description = "Small models of texts, made and adapted here.")
final class TextCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(TextDemoCommand.class, TextPretrainCommand.class);
    }
}
