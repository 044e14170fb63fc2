/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.backend.RecordingContract;
import org.amend4j.internal.backend.Workplace;
import org.junit.jupiter.api.Test;

/** Devices record as machines do, and what is theirs alone: sources, and the emulated one's watch. */
class RecordingTest implements RecordingContract {

    @Override
    public Machine open() {
        return LawDevices.checking();
    }

    @Override
    public List<ProductPrecision> precisions() {
        return List.of(ProductPrecision.FP32, ProductPrecision.TF32);
    }

    @Test
    void loadingASourceForTheFirstTimeCannotBeRecorded() {
        Device device = LawDevices.checking();
        KernelSource source = KernelSource.of("new", """
                extern "C" __global__ void none(int count) {
                }
                """);
        try (Workplace place = new Workplace(device, ElementType.FLOAT, precisions(), 15);
                Workplace twin = workplace(15)) {
            RecordingContract.assertRefused(
                    "loading a source for the first time", () -> device.load(source), place, twin);
        }
    }

    /** The emulated device's watch is kept at every replay. */
    @Test
    void aKernelThatWritesOutsideIsNoticedWhenItIsReplayed() {
        KernelSource put = KernelSource.of("put", """
                extern "C" __global__ void put(float *to, int place) {
                    to[place] = 1;
                }
                """);
        LaunchShape oneBlock = new LaunchShape(1, 1, 32, 0);
        int length = 49;
        Device device = EmulatedDevices.plain();
        KernelModule module = device.load(put);
        MachineArray to = device.allocate("to", new float[length]);
        try (Recording recording =
                device.record(() -> module.launch("put", oneBlock, Argument.out(to), Argument.integer(length)))) {
            String message =
                    assertThrows(MachineException.class, recording::replay).getMessage();
            assertTrue(message.contains("kernel 'put' wrote 0 bytes behind the end of 'to'"), message);
        }
        assertThrows(MachineException.class, to::close);
        device.close();
    }
}
