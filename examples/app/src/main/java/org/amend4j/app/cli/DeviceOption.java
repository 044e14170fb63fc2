/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What computes. Every command has it. */
final class DeviceOption {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description =
                    "What computes: auto (a card where there is one and the command can use it, else the CPU), cpu,"
                            + " cuda (the first card, cuda:1 the second); or emulated, which imitates a card on the CPU for tests and is slow"
                            + " (default: ${DEFAULT-VALUE}).",
            converter = Converter.class,
            order = 99)
    private Devices.Wanted wanted = Devices.Wanted.of(Devices.Choice.AUTO);

    Devices.Wanted wanted() {
        return wanted;
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<Devices.Wanted> {

        @Override
        public Devices.Wanted convert(String written) {
            try {
                return Devices.Wanted.of(written);
            } catch (IllegalArgumentException unknown) {
                throw new TypeConversionException(unknown.getMessage());
            }
        }
    }

    /**
     * Refuses what a command cannot do.
     *
     * @param command its whole name
     */
    void check(String command, Computing computing) {
        boolean device = wanted.choice() == Devices.Choice.CUDA || wanted.choice() == Devices.Choice.EMULATED;
        if (device && computing != Computing.ANYWHERE) {
            throw new BadInputException("--device must be auto or cpu for '" + command + "', got " + wanted + ": "
                    + computing.whyNotOnADevice());
        }
    }
}
