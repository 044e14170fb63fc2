/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.DeviceTrial;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Two cards in one machine, which a process uses one of, or both, against what stands in for CUDA. */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class TwoCardsTest {

    private static final CodeCache CACHE = CodeCache.ofUser();
    private static final int SIZE = 37;

    @BeforeAll
    static void loadLibraries() {
        StandIn.load();
        CudaDevice.missing();
    }

    @BeforeEach
    void nothingWasDoneYet() {
        StandIn.used(0);
        StandIn.used(1);
    }

    @Test
    void theSecondCardIsOpenedByItsNumberAndTheFirstIsNotTouched() {
        StandIn.withTwoCards(() -> {
            try (Devices.Chosen chosen = Devices.open(Devices.Wanted.of("cuda:1"))) {
                Device device = chosen.device().orElseThrow();
                assertEquals("stand-in for a second card (compute capability 9.0)", device.name());
                assertDoesNotThrow(() -> DeviceTrial.of(device));
            }
            assertEquals(List.of(), StandIn.used(0));
            List<StandIn.Used> second = StandIn.used(1);
            assertEquals(1, second.size());
            assertTrue(second.get(0).allocations() > 1 && second.get(0).launches() > 0, second.toString());
        });
    }

    /** The twin: whoever asks for the first card does touch it. */
    @Test
    void theFirstCardIsTouchedByWhoOpensIt() {
        StandIn.withTwoCards(() -> {
            CudaDevice.openTried(0, CACHE).close();
            assertEquals(1, StandIn.used(0).size());
            assertEquals(List.of(), StandIn.used(1));
        });
    }

    @Test
    void thereIsNoThirdCard() {
        StandIn.withTwoCards(() -> {
            String message = assertThrows(MachineException.class, () -> CudaDevice.open(2, CACHE))
                    .getMessage();
            assertTrue(message.startsWith("there is no card 2, CUDA finds 2, from 0 on ("), message);
        });
    }

    @Test
    void twoCardsSideBySideGiveTheBytesOfOneAlone() {
        float[] alone;
        try (CudaDevice device = CudaDevice.open(0, CACHE);
                Run run = new Run(device, 1)) {
            run.advance();
            run.advance();
            alone = run.result();
        }
        StandIn.withTwoCards(() -> {
            try (CudaDevice first = CudaDevice.open(0, CACHE);
                    CudaDevice second = CudaDevice.open(1, CACHE);
                    Run here = new Run(first, 1);
                    Run other = new Run(first, 2);
                    Run there = new Run(second, 1)) {
                here.advance();
                there.advance();
                other.advance();
                there.advance();
                here.advance();
                assertArrayEquals(alone, there.result());
                assertArrayEquals(alone, here.result());
            }
            assertEquals(1, StandIn.used(1).size());
        });
    }

    /** Some work in which each step uses what the step before has left. */
    private static final class Run implements AutoCloseable {

        private final CudaDevice device;
        private final MachineArray factor;
        private final MachineArray state;
        private final MachineArray next;

        Run(CudaDevice device, long seed) {
            this.device = device;
            SplittableRandom random = new SplittableRandom(seed);
            float[] values = new float[SIZE * SIZE];
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) random.nextDouble(-1, 1);
            }
            factor = device.allocate("factor", values);
            state = device.allocate("state", values);
            next = device.allocate("next", new float[SIZE * SIZE]);
        }

        void advance() {
            device.multiply(Gemm.rows(SIZE, SIZE, SIZE), factor, state, next);
            device.kernels().elementwise().scale(next, 0.5f, state);
        }

        float[] result() {
            return device.downloadFloats(state);
        }

        @Override
        public void close() {
            factor.close();
            state.close();
            next.close();
        }
    }

    @Test
    void memoryOfOneCardIsRefusedByTheOther() {
        StandIn.withTwoCards(() -> {
            try (CudaDevice first = CudaDevice.open(0, CACHE);
                    CudaDevice second = CudaDevice.open(1, CACHE);
                    MachineArray mine = first.allocate("mine", new float[] {1, 2});
                    MachineArray theirs = second.allocate("theirs", new float[] {3, 4})) {
                assertThrows(IllegalArgumentException.class, () -> second.downloadFloats(mine));
                assertThrows(IllegalArgumentException.class, () -> first.copy(mine, theirs));
            }
        });
    }

    /** What the stand-in itself sees: addresses that reach the driver in the other card's context. */
    @Test
    void addressesOfOneCardAreRefusedInTheOthersContext() {
        StandIn.withTwoCards(() -> {
            try (CudaDevice first = CudaDevice.open(0, CACHE);
                    CudaDevice second = CudaDevice.open(1, CACHE)) {
                long mine = first.allocateBytes(Long.BYTES, "mine");
                long theirs = second.allocateBytes(Long.BYTES, "theirs");
                assertThrows(MachineException.class, () -> second.copyWithin(mine, theirs, Long.BYTES));
                assertThrows(MachineException.class, () -> second.fillWords(mine, 0, 2));
                assertThrows(MachineException.class, () -> second.freeBytes(mine, Long.BYTES));
                first.freeBytes(mine, Long.BYTES);
                second.freeBytes(theirs, Long.BYTES);
            }
        });
    }
}
