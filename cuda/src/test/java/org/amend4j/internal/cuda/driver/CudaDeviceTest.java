/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.DeviceTrial;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The calls of CUDA that a {@link CudaDevice} makes, against what stands in for CUDA. */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class CudaDeviceTest {

    private static final CodeCache CACHE = CodeCache.ofUser();
    private static final int UNKNOWN = 999;

    @BeforeAll
    static void loadLibraries() {
        StandIn.load();
    }

    private static CudaDevice open() {
        return CudaDevice.open(0, CACHE);
    }

    @Test
    void everyCallIsMadeAsCudaWantsIt() {
        assertEquals(Optional.empty(), CudaDevice.missing());
        try (CudaDevice device = open()) {
            assertEquals("stand-in for a card (compute capability 9.0)", device.name());
            assertDoesNotThrow(() -> DeviceTrial.of(device));
        }
    }

    /** Such as one that is shared among virtual machines. */
    @Test
    void aCardWithoutPoolsWorksToo() {
        StandIn.withoutPools(() -> {
            try (CudaDevice device = open();
                    MachineArray brief = device.allocateBriefly("soon freed", new int[] {3, 4})) {
                assertDoesNotThrow(() -> DeviceTrial.of(device));
                assertArrayEquals(new int[] {3, 4}, device.downloadInts(brief));
            }
        });
    }

    /** The stand-in refuses to give memory that stays back while a stream has work to do, and a pool's by the other's call. */
    @Test
    void bothKindsOfMemoryAreGivenBackWhileWorkIsUnderWay() {
        try (CudaDevice device = open()) {
            for (int time = 0; time < 3; time++) {
                MachineArray brief = device.allocateBriefly("soon freed", ElementType.FLOAT, 5);
                MachineArray staying = device.allocate("staying", ElementType.FLOAT, 5);
                device.fill(brief, 1);
                device.copy(brief, staying);
                brief.close();
                device.fill(staying, 2);
                assertDoesNotThrow(staying::close);
            }
        }
    }

    @Test
    void aWaitThatFailsBeforeMemoryIsGivenBackIsSaidAndTheMemoryGoesWithTheDevice() {
        try (CudaDevice device = open()) {
            MachineArray staying = device.allocate("staying", ElementType.FLOAT, 5);
            device.fill(staying, 2);
            StandIn.fail(1, UNKNOWN);
            String message =
                    assertThrows(MachineException.class, staying::close).getMessage();
            assertEquals("cuStreamSynchronize failed: CUDA_ERROR_UNKNOWN (999, unknown error)", message);
        } finally {
            StandIn.fail(0, 0);
        }
        assertDoesNotThrow(() -> open().close());
    }

    /** What was acquired before is given back: the stand-in lets no context go that something is left in. */
    @Test
    void whicheverCallFailsItIsSaidAndEverythingIsGivenBack() {
        assertFalse(fails()); // so that the cache holds the code, and all later runs take the same way
        int failures = 0;
        boolean failed = true;
        while (failed) {
            StandIn.fail(failures + 1, UNKNOWN);
            failed = fails();
            StandIn.fail(0, 0);
            assertDoesNotThrow(() -> open().close(), "after the failure of call " + (failures + 1));
            failures += failed ? 1 : 0;
        }
        assertTrue(failures >= 30, "calls that can fail: " + failures);
    }

    private static boolean fails() {
        try (CudaDevice device = open()) {
            DeviceTrial.of(device);
            return false;
        } catch (MachineException e) {
            assertTrue(e.getMessage().contains(" failed: "), e.getMessage());
            return true;
        }
    }

    @Test
    void aCardThatDoesNotWorkIsRefusedWhenItIsOpenedAndSaidByTheProbe() {
        assertEquals(ComputePath.DEVICE_RESIDENT, GpuProbe.probe().way());
        StandIn.fail(25, UNKNOWN);
        String message = assertThrows(MachineException.class, () -> CudaDevice.openTried(0, CACHE))
                .getMessage();
        assertTrue(message.startsWith("stand-in for a card (compute capability 9.0) does not work here: cu"), message);
        assertTrue(message.endsWith(" failed: CUDA_ERROR_UNKNOWN (999, unknown error)"), message);
        StandIn.fail(33, UNKNOWN);
        GpuReport report = GpuProbe.probe();
        assertEquals(ComputePath.CPU, report.way());
        assertTrue(report.missing().get(0).contains(" does not work here: "), report.toString());
    }

    @Test
    void thereIsNoSecondCard() {
        String message = assertThrows(MachineException.class, () -> CudaDevice.open(1, CACHE))
                .getMessage();
        assertEquals(
                "there is no card 1, CUDA finds 1, number 0 (nvidia-smi -L lists the machine's, CUDA_VISIBLE_DEVICES hides"
                        + " some)",
                message);
    }

    @Test
    void memoryThatIsNotThereIsRefusedInOneSentence() {
        try (CudaDevice device = open()) {
            String message = assertThrows(
                            MachineException.class, () -> device.allocate("too much", ElementType.FLOAT, 1L << 40))
                    .getMessage();
            assertTrue(message.startsWith("allocation of 'too much' (4398046511104 bytes"), message);
            assertTrue(message.contains("CUDA_ERROR_OUT_OF_MEMORY (2, out of memory)"), message);
        }
    }

    @Test
    void aDriverOlderThanTheLibrariesIsRefusedInOneSentence() {
        assertEquals(Optional.empty(), CudaDevice.tooOld(13000, 13), "minor versions get along");
        assertEquals(
                Optional.of(
                        "CUDA is not usable: the NVIDIA driver supports CUDA 12.4, and the libraries need one for CUDA 13."),
                CudaDevice.tooOld(12040, 13));
    }
}
