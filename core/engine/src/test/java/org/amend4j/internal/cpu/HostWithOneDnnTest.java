/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.FrozenContract;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.RecordingContract;
import org.amend4j.internal.onednn.OneDnn;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** The host is a machine with oneDNN, too. On Linux x86-64 a dependency of these tests brings it. */
class HostWithOneDnnTest implements FrozenContract, RecordingContract {

    @BeforeEach
    void isThere() {
        boolean brought = Loader.getPlatform().equals("linux-x86_64");
        assertTrue(OneDnn.here().isPresent() || !brought, OneDnn::sentence);
        assumeTrue(OneDnn.here().isPresent(), OneDnn::sentence);
        boolean fast = OneDnn.here().orElseThrow().hasOwnCode();
        assumeTrue(fast, "oneDNN has no code of its own for this processor");
    }

    @Override
    public Machine open() {
        return HostMachine.open(2);
    }

    /** Blocks of columns are the same whoever computes them, so that bytes do not depend on the number of threads. */
    @Test
    void aDividedProductHasTheBytesOfTheWhole() {
        try (Machine machine = HostMachine.open(3);
                MachineArray rows = machine.allocate("rows", normal(1, 40 * 512));
                MachineArray stored = machine.allocate("stored", normal(2, 512 * 1030));
                MachineArray whole = machine.allocate("whole", ElementType.FLOAT, 40 * 1030);
                MachineArray divided = machine.allocate("divided", ElementType.FLOAT, 40 * 1030)) {
            for (ProductPrecision precision : machine.frozenPrecisions()) {
                FrozenMatrix matrix = new FrozenMatrix(stored, 512, 1030, false, 40, precision);
                try (FrozenFactor factor = machine.freeze("test", matrix)) {
                    factor.multiply(rows, whole, 40, 1, 0);
                    machine.fill(divided, 0);
                    machine.dividingProducts(() -> factor.multiply(rows, divided, 40, 1, 0));
                    assertArrayEquals(machine.downloadFloats(whole), machine.downloadFloats(divided));
                }
            }
        }
    }

    /** Otherwise the tests above would test OpenBLAS again. */
    @Test
    void largeMatricesArePackedAndTheirMemoryIsCounted() {
        try (Machine machine = open();
                MachineArray stored = machine.allocate("stored", normal(3, 128 * 128))) {
            long before = machine.bytesInUse();
            try (FrozenFactor factor =
                    machine.freeze("test", new FrozenMatrix(stored, 128, 128, true, 1000, ProductPrecision.FP32))) {
                assertEquals(PackedFactor.class, factor.getClass());
                assertTrue(machine.bytesInUse() >= before + 128 * 128 * Float.BYTES);
            }
            assertEquals(before, machine.bytesInUse());
        }
    }

    @Test
    void theBaseIsOnlyRead() {
        float[] content = normal(4, 300 * 200);
        try (Machine machine = open();
                MachineArray stored = machine.allocate("stored", content);
                MachineArray rows = machine.allocate("rows", normal(5, 7 * 300));
                MachineArray to = machine.allocate("to", ElementType.FLOAT, 7 * 200);
                FrozenFactor factor =
                        machine.freeze("test", new FrozenMatrix(stored, 300, 200, false, 7, ProductPrecision.FP32))) {
            factor.multiply(rows, to, 7, 1, 0);
            assertArrayEquals(content, machine.downloadFloats(stored));
        }
    }

    /** Other libraries of the process share OpenMP. */
    @Test
    void threadsOfOpenMpAreAsBefore() {
        NativeOps nd4j = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int before = nd4j.ompGetMaxThreads();
        theBaseIsOnlyRead();
        assertEquals(before, nd4j.ompGetMaxThreads());
    }

    @Test
    void theMachineNamesTheLibraryBecauseBytesDependOnIt() {
        try (Machine machine = open()) {
            String version = OneDnn.here().orElseThrow().version();
            assertTrue(machine.name().contains("oneDNN " + version), machine.name());
        }
    }

    private static float[] normal(long seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int k = 0; k < length; k++) {
            values[k] = (float) random.nextGaussian();
        }
        return values;
    }
}
