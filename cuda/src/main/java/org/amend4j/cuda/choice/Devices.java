/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.driver.CudaDevice;
import org.amend4j.cuda.emulated.EmulatedDevice;
import org.amend4j.host.HostMachine;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineException;

/** Opens the requested machine. Compiled kernels are kept in the user's cache. */
public final class Devices {

    private Devices() {}

    /** The choices that a user has. */
    public enum Choice {
        /** A card if there is one that can be used, else the CPU. */
        AUTO,
        /** The CPU, all of its cores. */
        CPU,
        /** The first card, or a refusal. */
        CUDA,
        /** The device that imitates a card on the CPU; for tests: slow. */
        EMULATED
    }

    /**
     * The machine that was chosen. The caller closes it.
     *
     * @param sentence which one it is and why, for people
     */
    public record Chosen(Machine machine, String sentence) implements AutoCloseable {

        /** The machine, if it is a device and not the CPU. */
        public Optional<Device> device() {
            return machine instanceof Device device ? Optional.of(device) : Optional.empty();
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    /**
     * Opens a machine. {@link Choice#AUTO} and {@link Choice#CPU} never fail where ND4J runs.
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
            case CPU -> cpu("The CPU, as asked.");
            case CUDA -> chosen(card.get(), "as asked");
            case EMULATED -> chosen(imitation.get(), "as asked; for tests, its times say nothing");
        };
    }

    /** The CPU, all of its cores. */
    public static Chosen cpu(String sentence) {
        return new Chosen(HostMachine.open(), sentence);
    }

    private static Chosen cardIfThereIsOne(Supplier<? extends Device> card) {
        try {
            return chosen(card.get(), "the card that is there");
        } catch (MachineException none) {
            return cpu("The CPU. " + none.getMessage());
        }
    }

    private static Chosen chosen(Device device, String why) {
        return new Chosen(device, device.name() + ", " + why + ".");
    }
}
