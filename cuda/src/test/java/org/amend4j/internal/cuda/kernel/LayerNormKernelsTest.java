/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.LayerNormLaws;
import org.amend4j.internal.backend.OverMatrices;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layer normalisation against doubles, its gradient against differences; planted faults are noticed. */
@OneIn(2)
class LayerNormKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("layer_norm");

    @OverMatrices
    void aNormalisationAndItsGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(
                SOURCE,
                CudaLayerNorm::new,
                (machine, kernels, type) -> LayerNormLaws.layerNorm(machine, kernels, type, rows, columns, gap, seed));
    }

    @Test
    void aNaNFillsItsRowForwardAndBackward() {
        Caught.holds(SOURCE, CudaLayerNorm::new, LayerNormLaws::notANumber);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    real sum = 0;",
                        "    real sum = 0;"),
                new Fault(
                        "no barrier before the scratch is used again",
                        "    __syncthreads();  // scratch may still be read for the sum before\n",
                        ""),
                new Fault("wrong stride", "y[(long long)row * y_stride + c]", "y[(long long)row * columns + c]"),
                new Fault(
                        "last column unwritten",
                        "dx[(long long)row * dx_stride + c] =",
                        "if (c < columns - 1) dx[(long long)row * dx_stride + c] ="),
                new Fault(
                        "last row unwritten",
                        "for (int row = blockIdx.y; row < rows;",
                        "for (int row = blockIdx.y; row < rows - 1;"),
                new Fault(
                        "variance over n - 1",
                        "block_sum(squares, scratch) / columns",
                        "block_sum(squares, scratch) / (columns - 1)"),
                new Fault(
                        "gradient through the mean forgotten",
                        "inverse * (d[c] * gain[c] - average - n * along)",
                        "inverse * (d[c] * gain[c] - 0.0f * average - n * along)"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(
                fault,
                CudaLayerNorm::new,
                (machine, kernels, type) -> LayerNormLaws.layerNorm(machine, kernels, type, 5, 137, 3, 31));
    }
}
