/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** Gradient descent with guarantees. */
@Command(name = "descent", description = "Gradient descent whose steps carry guarantees.")
final class DescentCommand extends CommandGroup {

    @Override
    List<Class<?>> commands() {
        return List.of(DescentDemoCommand.class);
    }
}
