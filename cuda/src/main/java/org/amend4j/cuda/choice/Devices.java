/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceException;
import org.amend4j.cuda.driver.CudaDevice;
import org.amend4j.cuda.emulated.EmulatedDevice;

/** Opens the requested device. Compiled kernels are kept in the user's cache. */
public final class Devices {

    private Devices() {}

    /**
     * Opens a device, or finds that the CPU is to be used. {@link DeviceChoice#AUTO} and {@link DeviceChoice#CPU} never fail.
     *
     * @throws DeviceException if {@link DeviceChoice#CUDA} or {@link DeviceChoice#EMULATED} is not to be had here, with what is
     *     missing
     */
    public static Chosen open(DeviceChoice choice) {
        return open(
                choice,
                () -> CudaDevice.openTried(0, CodeCache.ofUser()),
                () -> EmulatedDevice.open(CodeCache.ofUser()));
    }

    /** As {@link #open(DeviceChoice)}, with given ways to open a card and its imitation. */
    static Chosen open(DeviceChoice choice, Supplier<? extends Device> card, Supplier<? extends Device> imitation) {
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
        } catch (DeviceException none) {
            return new Chosen(Optional.empty(), "ND4J on the CPU. " + none.getMessage());
        }
    }

    private static Chosen chosen(Device device, String why) {
        return new Chosen(Optional.of(device), device.name() + ", " + why + ".");
    }
}
