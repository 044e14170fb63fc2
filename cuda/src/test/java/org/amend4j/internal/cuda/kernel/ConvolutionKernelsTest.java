/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.ConvolutionLaws;
import org.amend4j.internal.backend.ImageCase;
import org.amend4j.internal.cuda.device.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Patches and depthwise convolutions against loops in double, in both layouts; planted faults are noticed. */
class ConvolutionKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("convolution");

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void patchesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(
                SOURCE,
                CudaConvolution::new,
                (machine, kernels, type) -> ConvolutionLaws.patches(machine, kernels, type, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void depthwiseConvolutionsAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(
                SOURCE,
                CudaConvolution::new,
                (machine, kernels, type) -> ConvolutionLaws.depthwise(machine, kernels, type, images));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("activation left out", "activate(activation, slope, sum)", "sum"),
                new Fault(
                        "padding read",
                        "const bool inside = x >= 0 && x < width && y >= 0 && y < height;",
                        "const bool inside = x < width && y < height;"),
                new Fault(
                        "stride of rows for columns",
                        "(long long)y * stride_y +\n                                    (long long)x * stride_x]\n                            : 0.0f",
                        "(long long)y * stride_x +\n                                    (long long)x * stride_y]\n                            : 0.0f"),
                new Fault(
                        "last patch element unwritten",
                        "const long long count = (long long)batch * out_h * out_w * columns;",
                        "const long long count = (long long)batch * out_h * out_w * columns - 1;"),
                new Fault(
                        "kernel columns mixed up",
                        ": (channel * kernel_h + ky) * kernel_w + kx;",
                        ": (channel * kernel_h + kx) * kernel_w + ky;"),
                new Fault(
                        "kernel columns mixed up with taps first",
                        "? (ky * kernel_w + kx) * channels + channel",
                        "? (kx * kernel_w + ky) * channels + channel"),
                new Fault(
                        "taps first where channels are",
                        "taps_first ? column % channels : column / (kernel_w * kernel_h)",
                        "taps_first ? column / (kernel_w * kernel_h) : column / (kernel_w * kernel_h)"),
                new Fault(
                        "multiplier ignored",
                        "const int channel = output / multiplier;",
                        "const int channel = output % channels;"),
                new Fault("second multiple left out of the gradient", "m < multiplier; m++", "m < 1; m++"),
                new Fault("bias of the channel", "bias ? bias[output]", "bias ? bias[channel]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaConvolution::new, (machine, kernels, type) -> {
            for (ImageCase images : ImageCase.all()) {
                ConvolutionLaws.patches(machine, kernels, type, images);
                ConvolutionLaws.depthwise(machine, kernels, type, images);
            }
        });
    }
}
