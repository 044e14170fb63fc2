/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.function.BiFunction;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.backend.KernelLaw;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.opentest4j.AssertionFailedError;

/** The other half of a kernel's law: it must not hold for a kernel with a mistake in it. */
final class Caught {

    private Caught() {}

    /** A law, checked on a device. */
    @FunctionalInterface
    interface Law {
        void check(Device device, KernelSource source);
    }

    /** Runs a law on a fresh device, emulated or not. */
    static void holds(KernelSource source, Law law) {
        try (Device device = LawDevices.checking()) {
            law.check(device, source);
        }
    }

    /** Runs a law of all machines on a fresh device, emulated or not. */
    static <K> void holds(KernelSource source, BiFunction<Device, KernelSource, K> kernels, KernelLaw<K> law) {
        holds(source, on(kernels, law));
    }

    private static <K> Law on(BiFunction<Device, KernelSource, K> kernels, KernelLaw<K> law) {
        return (device, source) -> law.check(device, kernels.apply(device, source), ElementType.FLOAT);
    }

    /** Runs a law of all machines that must fail. */
    static <K> void mustFail(Planted fault, BiFunction<Device, KernelSource, K> kernels, KernelLaw<K> law) {
        mustFail(fault, on(kernels, law));
    }

    /** Runs a law that must fail: as a wrong result, or by the device's own watch. Before the first fault it must hold. */
    static void mustFail(Planted fault, Law law) {
        assumeFalse(StandIn.isWanted(), "planted faults are tried without the stand-in, on the emulated device");
        try (Device device = EmulatedDevices.checking()) {
            fault.weed(device); // a source that does not compile proves nothing
            if (fault.number() == 1) {
                law.check(device, fault.source());
            }
        }
        try (Device device = EmulatedDevices.checking()) {
            fault.plant(device);
            law.check(device, fault.source());
        } catch (AssertionFailedError | MachineException expected) {
            return;
        }
        fail("nobody noticed the fault '" + fault.name() + "'");
    }
}
