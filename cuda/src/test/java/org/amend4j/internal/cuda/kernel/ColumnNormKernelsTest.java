/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.ColumnNormLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Norms of adapted columns against those of the formed sum; planted faults are noticed. */
class ColumnNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("column_norms");

    @ParameterizedTest(name = "{0} x {1}, rank {2}, {3} kept, seed {4}")
    @CsvSource({"1, 1, 1, 1, 41", "70, 300, 4, 1, 42", "33, 131, 3, 0.001, 43", "5, 257, 8, 0, 44"})
    void normsAreThoseOfTheFormedColumns(int rows, int columns, int rank, double kept, long seed) {
        Caught.holds(
                SOURCE,
                CudaColumnNorms::new,
                (machine, kernels, type) ->
                        ColumnNormLaws.scales(machine, kernels, type, rows, columns, rank, kept, seed));
    }

    @Test
    void aColumnOfZerosIsScaledByZero() {
        Caught.holds(SOURCE, CudaColumnNorms::new, ColumnNormLaws::columnOfZeros);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("the cross term once", "2.0f * scale * cross", "scale * cross"),
                new Fault("the scale not squared", "scale * scale * parts", "scale * parts"),
                new Fault("last column unwritten", "if (column >= columns)", "if (column >= columns - 1)"),
                new Fault(
                        "what factors cancel not formed",
                        "if (!(square > left * parts))",
                        "if (!(square > 0.0f * left * parts))"),
                new Fault("last row not formed", "row < rows; row++", "row < rows - 1; row++"),
                new Fault(
                        "last factor forgotten",
                        "for (int k = 0; k < rank; k++) {\n        float along",
                        "for (int k = 0; k < rank - 1; k++) {\n        float along"));
    }

    @ParameterizedTest(name = "{0}, seed 45")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaColumnNorms::new,
                (machine, kernels, type) -> ColumnNormLaws.scales(machine, kernels, type, 67, 131, 4, 0.001, 45));
    }
}
