/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.junit.jupiter.api.Test;

class DevicesTest {

    private static Device none() {
        throw new MachineException("The system has no libcuda.so.1.");
    }

    private static Device notAsked() {
        return fail("nobody asked for this device");
    }

    @Test
    void autoTakesTheCardThatIsThere() {
        Device card = EmulatedDevices.plain();
        try (Devices.Chosen chosen = Devices.open(Devices.Choice.AUTO, () -> card, DevicesTest::notAsked)) {
            assertSame(card, chosen.device().orElseThrow());
            assertTrue(chosen.sentence().startsWith(card.name()), chosen.sentence());
        }
        assertThrows(IllegalStateException.class, card::finish, "closed with what was chosen");
    }

    @Test
    void autoWithoutACardIsTheCpuAndSaysWhatIsMissing() {
        try (Devices.Chosen chosen = Devices.open(Devices.Choice.AUTO, DevicesTest::none, DevicesTest::notAsked)) {
            assertTrue(chosen.device().isEmpty());
            assertEquals("The CPU. The system has no libcuda.so.1.", chosen.sentence());
        }
    }

    @Test
    void cpuAsksNoDriver() {
        try (Devices.Chosen chosen = Devices.open(Devices.Choice.CPU, DevicesTest::notAsked, DevicesTest::notAsked)) {
            assertTrue(chosen.device().isEmpty());
        }
    }

    @Test
    void aCardOrACompilerThatIsNotThereIsRefusedWithWhatIsMissing() {
        for (Devices.Choice choice : new Devices.Choice[] {Devices.Choice.CUDA, Devices.Choice.EMULATED}) {
            MachineException refused = assertThrows(
                    MachineException.class, () -> Devices.open(choice, DevicesTest::none, DevicesTest::none));
            assertEquals("The system has no libcuda.so.1.", refused.getMessage());
        }
    }

    @Test
    void aCardIsAskedForByItsNumber() {
        assertEquals(new Devices.Wanted(Devices.Choice.CUDA, 1), Devices.Wanted.of("CUDA:1"));
        assertEquals(Devices.Wanted.of("cuda"), Devices.Wanted.of("cuda:0"));
        for (String written : List.of("auto", "cpu", "cuda", "cuda:7", "emulated")) {
            assertEquals(written, Devices.Wanted.of(written).toString());
        }
        for (String wrong : List.of("tpu", "cuda:", "cuda:-1", "cuda:01", "cuda:99999", "emulated:1", "")) {
            assertEquals(
                    "expected auto, cpu, cuda, cuda:N (N from 0) or emulated, got '" + wrong + "'",
                    assertThrows(IllegalArgumentException.class, () -> Devices.Wanted.of(wrong))
                            .getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new Devices.Wanted(Devices.Choice.CPU, 1));
    }

    @Test
    void thisMachineIsToldApartTruly() {
        try (Devices.Chosen chosen = Devices.open(Devices.Wanted.of(Devices.Choice.AUTO))) {
            assertFalse(chosen.sentence().isBlank());
            CudaDevice.missing().ifPresent(sentence -> {
                assertTrue(chosen.device().isEmpty());
                assertTrue(chosen.sentence().endsWith(sentence), chosen.sentence());
            });
        }
    }
}
