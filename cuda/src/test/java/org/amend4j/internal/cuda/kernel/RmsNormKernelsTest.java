/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.backend.RmsNormLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Normalisation by root mean squares against doubles, its gradient against differences; planted faults are noticed. */
@OneIn(2)
class RmsNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("rms_norm");

    @OverMatrices
    void aNormalisationAndItsGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaRmsNorm::new,
                (machine, kernels, type) -> RmsNormLaws.rmsNorm(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aNaNFillsItsRowForwardAndBackward() {
        Caught.holds(SOURCE, CudaRmsNorm::new, RmsNormLaws::notANumber);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    real sum = 0;",
                        "    real sum = 0;"),
                new Fault("wrong stride", "y[(long long)row * y_stride + c]", "y[(long long)row * columns + c]"),
                new Fault("epsilon outside the root", "/ columns + epsilon);", "/ columns) + epsilon;"),
                new Fault(
                        "a sum for the mean",
                        "block_sum(squares, scratch) / columns",
                        "block_sum(squares, scratch) / (columns - 1)"),
                new Fault("gains without their offset", "= (offset + gain[c]) *", "= (0.0f * offset + gain[c]) *"),
                new Fault(
                        "gradient of gains without their offset",
                        "inverse * (d[c] * (offset + gain[c])",
                        "inverse * (d[c] * gain[c]"),
                new Fault(
                        "gradient through the root forgotten",
                        "- in[c] * inverse * along",
                        "- 0.0f * in[c] * inverse * along"),
                new Fault(
                        "last column unwritten",
                        "dx[(long long)row * dx_stride + c] =",
                        "if (c < columns - 1) dx[(long long)row * dx_stride + c] ="),
                new Fault(
                        "last row unwritten",
                        "for (int row = blockIdx.y; row < rows;",
                        "for (int row = blockIdx.y; row < rows - 1;"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaRmsNorm::new,
                (machine, kernels, type) -> RmsNormLaws.rmsNorm(machine, kernels, type, 5, 137, 3, 31));
    }
}
