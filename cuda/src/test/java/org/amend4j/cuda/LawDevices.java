/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import static org.junit.jupiter.api.Assertions.fail;

import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.driver.CudaDevice;

/**
 * The device that laws are tried on: the emulated one, with {@code -Damend4j.device=cuda} the first card (see on-a-card.sh), or
 * with {@code -Damend4j.device=stand-in} the code for cards against {@link StandIn}.
 * Planted faults are always tried on the emulated one, which notices them without harm.
 */
public final class LawDevices {

    private LawDevices() {}

    /** One that runs each kernel in several orders of threads, if it is emulated. */
    public static Device checking() {
        return isCard() ? card() : EmulatedDevices.checking();
    }

    /** One that runs each kernel once. */
    public static Device plain() {
        return isCard() ? card() : EmulatedDevices.plain();
    }

    private static boolean isCard() {
        return StandIn.isWanted() || "cuda".equals(System.getProperty("amend4j.device"));
    }

    private static Device card() {
        if (StandIn.isWanted()) {
            StandIn.load();
        }
        CudaDevice.missing().ifPresent(sentence -> fail("-Damend4j.device=cuda: " + sentence));
        return CudaDevice.open(0, CodeCache.ofUser());
    }
}
