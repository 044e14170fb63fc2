/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.PieceLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pieces arrive where they should; planted faults are noticed. */
class PieceKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("pieces");

    @Test
    void piecesArriveWhereTheyShould() {
        Caught.holds(SOURCE, CudaPieces::new, (machine, kernels, type) -> PieceLaws.copies(machine, kernels, type, 31));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("nothing is turned", "words[8] != 0 ? column * stride + row : ", ""),
                new Fault("the last number left out", "i < numbers;", "i < numbers - 1;"),
                new Fault("the stride of the source", "= words[7];", "= words[4];"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault, CudaPieces::new, (machine, kernels, type) -> PieceLaws.copies(machine, kernels, type, 31));
    }
}
