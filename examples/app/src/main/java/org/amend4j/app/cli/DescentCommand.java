/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import picocli.CommandLine.Command;

/** Gradient descent with guarantees. */
@Command(
        name = "descent",
        description = "Gradient descent whose steps carry guarantees.",
        subcommands = DescentDemoCommand.class)
final class DescentCommand extends CommandGroup {}
