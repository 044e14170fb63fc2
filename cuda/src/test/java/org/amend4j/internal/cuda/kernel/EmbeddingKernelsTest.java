/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.backend.EmbeddingLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
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

    @ParameterizedTest(name = "{0} x {1} and {2}, gaps {3} and {4}, seed {5}")
    @MethodSource("org.amend4j.internal.backend.EmbeddingLaws#pairs")
    void ofTwoTablesAtOnceComesWhatEachGivesAlone(
            int rows, int columns, int secondColumns, int gap, int gapOut, long seed) {
        Caught.holds(SOURCE, CudaEmbedding::new, (machine, kernels, type) -> {
            EmbeddingLaws.gather(machine, kernels, type, rows, columns, gap, seed);
            EmbeddingLaws.gatherPair(machine, kernels, type, rows, columns, secondColumns, gap, gapOut, seed);
        });
    }

    @Test
    void aTableWithoutColumnsLeavesTheOtherAsItIs() {
        Caught.holds(SOURCE, CudaEmbedding::new, EmbeddingLaws::gatherBesideNothing);
    }

    @Test
    void pairsOfOtherShapesAreRefused() {
        Caught.holds(SOURCE, CudaEmbedding::new, EmbeddingLaws::pairsOfOtherShapes);
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

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("wrong stride of the table", "(long long)token * table_stride", "(long long)token * columns"),
                new Fault("last row unwritten", "row < rows; row +=", "row < rows - 1; row +="),
                new Fault("a token below the table", "token >= 0 && token", "token"),
                new Fault("a token above the table", "token < vocabulary", "token <= vocabulary"),
                new Fault("one of four", "thread % across * each", "thread % across"),
                new Fault("a line has one row", "(long long)blockIdx.y * lines", "(long long)blockIdx.y"),
                new Fault("fours of any number", "columns % 4 == 0 && in_quads(table", "in_quads(table"),
                new Fault("fours from odd strides", "in_quads(table, table_stride) && in_quads", "in_quads"),
                new Fault("fours to odd strides", " && in_quads(out, out_stride);", ";"),
                new Fault(
                        "fours at odd places",
                        "in_quads(table, table_stride) && in_quads(out, out_stride)",
                        "table_stride % 4 == 0 && out_stride % 4 == 0"),
                new Fault("the second as wide as the first", "rows, second_columns);", "rows, columns);"),
                new Fault(
                        "the stride of the first for the second",
                        "gather_rows(second, second_stride",
                        "gather_rows(second, table_stride"),
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

    @ParameterizedTest(name = "{0}, seeds 31 to 36")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaEmbedding::new, (machine, kernels, type) -> {
            EmbeddingLaws.embed(machine, kernels, type, 57, 33, 2, 31);
            EmbeddingLaws.gatherPair(machine, kernels, type, 75, 36, 12, 4, 8, 36);
            EmbeddingLaws.gatherPair(machine, kernels, type, 8, 33, 10, 3, 3, 34);
            EmbeddingLaws.gatherPair(machine, kernels, type, 5, 36, 8, 1, 0, 32);
            EmbeddingLaws.gatherPair(machine, kernels, type, 5, 36, 8, 0, 1, 32);
            EmbeddingLaws.gatherPair(machine, kernels, type, 21, 36, 8, 0, 0, 33);
        });
    }
}
