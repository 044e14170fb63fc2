/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.DropoutLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dropout by key against its definition; planted faults are noticed. */
class DropoutKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("dropout");

    @OverMatrices
    void dropoutByKeyIsItsDefinition(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaDropout::new,
                (machine, kernels, type) -> DropoutLaws.definition(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aRecordedDropoutDrawsWithTheKeyThatIsThere() {
        Caught.holds(SOURCE, CudaDropout::new, DropoutLaws::recorded);
    }

    @Test
    void dropoutWithProbability0ChangesNoBit() {
        Caught.holds(SOURCE, CudaDropout::new, DropoutLaws::nothing);
    }

    @Test
    void masksAreLikeIndependentDraws() {
        Caught.holds(
                SOURCE,
                CudaDropout::new,
                (machine, kernels, type) -> DropoutLaws.independent(machine, kernels, type, 0.5));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("the row ignored", "(first_row + row + 1)", "(first_row + 1)"),
                new Fault("the first row ignored", "(first_row + row + 1)", "(row + 1)"),
                new Fault("the stream ignored", "(stream + 1)", "(0 + 1)"),
                new Fault("the upper half of the key ignored", "(unsigned int)key[1]", "(unsigned int)key[0]"),
                new Fault("not scaled", "factor * in[", "in["),
                new Fault("not added", "add ? *place + value : value", "value"),
                new Fault("wrong stride of what is read", "row * in_stride + column", "row * columns + column"),
                new Fault("last row unwritten", "row < rows;", "row < rows - 1;"),
                new Fault("column behind the end", "if (column >= columns)", "if (column > columns)"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaDropout::new,
                (machine, kernels, type) -> DropoutLaws.definition(machine, kernels, type, 5, 137, 3, 31));
    }
}
