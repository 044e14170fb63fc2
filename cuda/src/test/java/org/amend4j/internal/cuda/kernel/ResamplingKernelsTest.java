/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.ResamplingLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Upsampling and cropping against plain loops, in both layouts; planted faults are noticed. */
class ResamplingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("resampling");

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ResamplingLaws#cases")
    void aPixelBecomesItsBlockAndItsGradientIsTheBlocksSum(ResamplingLaws.Case images) {
        Caught.holds(
                SOURCE,
                CudaResampling::new,
                (machine, kernels, type) -> ResamplingLaws.upsampling(machine, kernels, type, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ResamplingLaws#cases")
    void croppingCutsAndItsGradientPadsWithZeros(ResamplingLaws.Case images) {
        Caught.holds(
                SOURCE,
                CudaResampling::new,
                (machine, kernels, type) -> ResamplingLaws.cropping(machine, kernels, type, images));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("factors swapped", "(oy / factor_y) * stride_y", "(oy / factor_x) * stride_y"),
                new Fault("a block short of a column", "bx < factor_x; bx++", "bx < factor_x - (factor_x > 1); bx++"),
                new Fault("the wrong corner", "(long long)y * factor_y * out_stride_y", "(long long)y * out_stride_y"),
                new Fault("cut at the wrong side", "const int y = oy + top;", "const int y = oy - top;"),
                new Fault("edges unwritten", "float value = 0.0f;", "if (y < 0) continue; float value = 0.0f;"),
                new Fault("a row beyond the image", "y < height && x >= 0", "y <= height && x >= 0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaResampling::new, (machine, kernels, type) -> {
            for (ResamplingLaws.Case images : ResamplingLaws.cases()) {
                ResamplingLaws.upsampling(machine, kernels, type, images);
                ResamplingLaws.cropping(machine, kernels, type, images);
            }
        });
    }

    @Test
    void imagesOfAnotherShapeAreRefused() {
        Caught.holds(SOURCE, CudaResampling::new, ResamplingLaws::otherShapes);
    }
}
