/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.EmbeddingLaws;
import org.amend4j.machine.OverMatrices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Looking rows up and adding to them against their definitions; planted faults are noticed. */
class EmbeddingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("embedding");

    @OverMatrices
    void gatheringAndScatteringAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaEmbedding::new,
                (machine, kernels, type) -> EmbeddingLaws.embed(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void anUnknownTokenGivesNaNAndNoAccess() {
        Caught.holds(SOURCE, CudaEmbedding::new, EmbeddingLaws::unknownToken);
    }

    @Test
    void aTokenOutsideTheVocabularyHasNoSegment() {
        try (Device device = EmulatedDevices.plain()) {
            EmbeddingLaws.tokenOutsideTheVocabulary(device);
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
        Caught.mustFail(
                fault,
                SOURCE,
                CudaEmbedding::new,
                (machine, kernels, type) -> EmbeddingLaws.embed(machine, kernels, type, 57, 33, 2, 31));
    }
}
