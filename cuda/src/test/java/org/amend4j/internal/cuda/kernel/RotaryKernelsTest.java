/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.RotaryLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Turning by positions against its definition; planted faults are noticed. */
class RotaryKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("rotary");

    @ParameterizedTest(name = "{0} rows, {1} heads of twice {2}, gap {3}")
    @CsvSource({"0, 2, 3, 0", "1, 1, 1, 0", "37, 3, 5, 1", "9, 5, 64, 2", "4100, 2, 2, 0"})
    void pairsAreTurnedByTheAnglesOfTheirPositions(int rows, int heads, int half, int gap) {
        Caught.holds(
                SOURCE,
                CudaRotary::new,
                (machine, kernels, type) -> RotaryLaws.turned(machine, kernels, type, rows, heads, half, gap));
    }

    @Test
    void aPositionWithoutAnglesGivesNaNAndNoAccess() {
        Caught.holds(SOURCE, CudaRotary::new, RotaryLaws::unknownPosition);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("turned forth where it should be back", "back ? -ahead : ahead", "back > 1 ? -ahead : ahead"),
                new Fault("neighbours for halves", "+ column + half];", "+ column + 1];"),
                new Fault("the second head like the first", "pair / half * 2 * half + j", "pair / half * half + j"),
                new Fault("rows for positions", "places[row]", "places[0] + row"),
                new Fault("the last position unknown", "position < positions", "position < positions - 1"),
                new Fault("an unknown position read", "position >= 0 && position < positions", "position < positions"),
                new Fault(
                        "the second half turned the other way",
                        "second * cosine + first * sine",
                        "second * cosine - first * sine"),
                new Fault("wrong stride of the sines", "position * sine_stride", "position * (sine_stride + 1)"),
                new Fault("last row unwritten", "row < rows; row +=", "row < rows - 1; row +="));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaRotary::new, (machine, kernels, type) -> {
            RotaryLaws.turned(machine, kernels, type, 37, 3, 5, 2);
            RotaryLaws.unknownPosition(machine, kernels, type);
        });
    }
}
