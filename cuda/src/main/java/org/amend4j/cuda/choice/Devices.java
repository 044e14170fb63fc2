/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.driver.CudaDevice;
import org.amend4j.cuda.emulated.EmulatedDevice;
import org.amend4j.machine.MachineException;

/** Opens the requested device. Compiled kernels are kept in the user's cache. */
public final class Devices {

    private Devices() {}

    /** The choices that a user has. */
    public enum Choice {
        /** A card if there is one that can be used, else the CPU. */
        AUTO,
        /** ND4J on the CPU. */
        CPU,
        /** The first card, or a refusal. */
        CUDA,
        /** The device that imitates a card on the CPU; for tests: slow. */
        EMULATED
    }

    /**
     * The device that was chosen. The caller closes it.
     *
     * @param device to compute on; empty if that is ND4J on the CPU
     * @param sentence which one it is and why, for people
     */
    public record Chosen(Optional<Device> device, String sentence) implements AutoCloseable {

        /** Closes the device, if there is one. */
        @Override
        public void close() {
            device.ifPresent(Device::close);
        }
    }

    /**
     * Opens a device, or finds that the CPU is to be used. {@link Choice#AUTO} and {@link Choice#CPU} never fail.
     *
     * @throws MachineException if {@link Choice#CUDA} or {@link Choice#EMULATED} is not to be had here, with what is missing
     */
    public static Chosen open(Choice choice) {
        return open(
                choice,
                () -> CudaDevice.openTried(0, CodeCache.ofUser()),
                () -> EmulatedDevice.open(CodeCache.ofUser()));
    }

    /** As {@link #open(Choice)}, with given ways to open a card and its imitation. */
    static Chosen open(Choice choice, Supplier<? extends Device> card, Supplier<? extends Device> imitation) {
        return switch (choice) {
            case AUTO -> cardIfThereIsOne(card);
            case CPU -> new Chosen(Optional.empty(), "ND4J on the CPU, as asked.");
            case CUDA -> chosen(card.get(), "as asked");
            case EMULATED -> chosen(imitation.get(), "as asked; for tests, its times say nothing");
        };
    }

    private static Chosen cardIfThereIsOne(Supplier<? extends Device> card) {
        try {
            return chosen(card.get(), "the card that is there");
        } catch (MachineException none) {
            return new Chosen(Optional.empty(), "ND4J on the CPU. " + none.getMessage());
        }
    }

    private static Chosen chosen(Device device, String why) {
        return new Chosen(Optional.of(device), device.name() + ", " + why + ".");
    }
}
