/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.generate.Generator;
import org.amend4j.generate.MachineDecoder;
import org.amend4j.internal.cuda.device.Device;

/** A language model where it generates: on a device, with weights, keys and values in its memory, or in loops of the CPU. */
public final class Generating implements AutoCloseable {

    private final Generator generator;
    private final Optional<MachineDecoder> onDevice;

    private Generating(Generator generator, Optional<MachineDecoder> onDevice) {
        this.generator = generator;
        this.onDevice = onDevice;
    }

    /**
     * On the device that was opened, if there is one.
     *
     * @param compute stays open until this is closed
     * @param wanted by the user: where that is no certain device, what it cannot do is generated on the CPU, and said
     * @param adapters of all prompts
     * @throws BadInputException if a device was asked for that cannot do it, or rounded products of the CPU
     * @throws IllegalArgumentException if an adapter was made for another model
     */
    public static Generating open(
            Compute compute,
            Devices.Wanted wanted,
            Decoder decoder,
            Collection<DecoderAdapter> adapters,
            Progress progress) {
        Optional<Device> device = compute.device();
        if (device.isEmpty()) {
            if (compute.precision() != ProductPrecision.FP32) {
                throw new BadInputException("--precision must be fp32 where the CPU generates, got "
                        + compute.precision().name().toLowerCase(Locale.ROOT));
            }
            return new Generating(new Generator(decoder), Optional.empty());
        }
        try {
            return on(device.get(), decoder, compute.precision(), adapters);
        } catch (MachineException | IllegalArgumentException unfit) {
            if (wanted.choice() != Devices.Choice.AUTO) {
                throw new BadInputException("--device " + wanted + ": " + unfit.getMessage(), unfit);
            }
            progress.say("Generated on the CPU: " + unfit.getMessage() + ".");
            return new Generating(new Generator(decoder), Optional.empty());
        }
    }

    private static Generating on(
            Device device, Decoder decoder, ProductPrecision precision, Collection<DecoderAdapter> adapters) {
        MachineDecoder onDevice = new MachineDecoder(device, decoder, precision);
        try {
            adapters.forEach(adapter -> onDevice.end(onDevice.begin(Optional.of(adapter))));
            return new Generating(new Generator(onDevice), Optional.of(onDevice));
        } catch (RuntimeException unfit) {
            onDevice.close();
            throw unfit;
        }
    }

    /** Generates while this is open. */
    public Generator generator() {
        return generator;
    }

    @Override
    public void close() {
        onDevice.ifPresent(MachineDecoder::close);
    }
}
