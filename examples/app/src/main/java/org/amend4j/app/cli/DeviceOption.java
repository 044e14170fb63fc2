/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Locale;
import org.amend4j.app.data.BadInputException;
import org.amend4j.cuda.choice.Devices;
import picocli.CommandLine.Option;

/** What computes. Every command has it. */
final class DeviceOption {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description =
                    "What computes: auto (a card where there is one and the command can use it, else the CPU), cpu,"
                            + " cuda; or emulated, which imitates a card on the CPU for tests and is slow"
                            + " (default: ${DEFAULT-VALUE}).",
            order = 99)
    private Devices.Choice choice = Devices.Choice.AUTO;

    Devices.Choice choice() {
        return choice;
    }

    /**
     * Refuses what a command cannot do.
     *
     * @param command its whole name
     */
    void check(String command, Computing computing) {
        boolean device = choice == Devices.Choice.CUDA || choice == Devices.Choice.EMULATED;
        if (device && computing != Computing.ANYWHERE) {
            throw new BadInputException("--device must be auto or cpu for '" + command + "', got "
                    + choice.name().toLowerCase(Locale.ROOT) + ": " + computing.whyNotOnADevice());
        }
    }
}
