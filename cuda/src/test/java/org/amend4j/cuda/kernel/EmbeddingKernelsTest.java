/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.EmbeddingKernels;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.TokenSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Looking rows up and adding to them against their definitions; planted faults are noticed. */
class EmbeddingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("embedding");
    private static final int VOCABULARY = 19;

    @OverMatrices
    void gatheringAndScatteringAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> embed(device, source, rows, columns, gap, seed));
    }

    @Test
    void anUnknownTokenGivesNaNAndNoAccess() {
        try (Device device = EmulatedDevices.checking();
                Values values = new Values(device, 21)) {
            MatrixView table = values.in(values.normal(6), 3, 2, 0);
            MatrixView out = values.fresh(3, 2, 0);
            CudaEmbedding.on(device).gather(table, values.in(new int[] {3, -1, 2}), out);
            float[] got = values.get(out);
            assertTrue(Float.isNaN(got[0]) && Float.isNaN(got[1]) && Float.isNaN(got[2]) && Float.isNaN(got[3]));
            assertTrue(Float.isFinite(got[4]) && Float.isFinite(got[5]));
        }
    }

    @Test
    void aTokenOutsideTheVocabularyHasNoSegment() {
        try (Device device = EmulatedDevices.checking()) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> TokenSegments.of(device, "test", new int[] {0, 4}, 4))
                    .getMessage();
            assertEquals("token must be in [0, 3], got 4", message);
        }
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "wrong stride of the table",
                        "table[(long long)token * table_stride + column]",
                        "table[(long long)token * columns + column]"),
                new Fault("last row unwritten", "row < rows; row +=", "row < rows - 1; row +="),
                new Fault("last place left out", "i < starts[s + 1]", "i < starts[s + 1] - 1"),
                new Fault(
                        "two threads on one place",
                        "table[(long long)tokens[s] * table_stride + column] +=",
                        "table[column] +="),
                new Fault(
                        "places taken for rows",
                        "rows[(long long)places[i] * rows_stride",
                        "rows[(long long)i * rows_stride"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> embed(device, source, 57, 33, 2, 31));
    }

    private static void embed(Device device, KernelSource source, int rows, int columns, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] table = values.normal(VOCABULARY * columns);
            float[] delta = values.normal(rows * columns);
            int[] tokens = new int[rows];
            for (int i = 0; i < rows; i++) {
                tokens[i] = values.random().nextInt(VOCABULARY);
            }
            EmbeddingKernels kernels = new CudaEmbedding(device, source);
            MatrixView deviceTable = values.in(table, VOCABULARY, columns, gap);
            MatrixView out = values.fresh(rows, columns, gap);
            kernels.gather(deviceTable, values.in(tokens), out);
            float[] gathered = values.get(out);
            Expected changed = new Expected(table.length);
            for (int i = 0; i < table.length; i++) {
                changed.set(i, table[i], Values.UNIT * Math.abs(table[i]));
            }
            for (int i = 0; i < delta.length; i++) {
                int place = tokens[i / columns] * columns + i % columns;
                assertEquals(table[place], gathered[i]);
                changed.add(place, 0.5 * delta[i], (rows + 2) * Values.UNIT * Math.abs(delta[i]));
            }
            try (TokenSegments segments = TokenSegments.of(device, "test", tokens, VOCABULARY)) {
                kernels.scatterAdd(values.in(delta, rows, columns, gap), segments, 0.5, deviceTable);
            }
            changed.compare("table", values.get(deviceTable));
        }
    }
}
