/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.ConvolutionKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.network.Activation;
import org.amend4j.network.Window;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Patches and depthwise convolutions against loops in double, in both layouts; planted faults are noticed. */
class ConvolutionKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("convolution");
    private static final int MULTIPLIER = 2;

    static List<ImageCase> cases() {
        return ImageCase.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void patchesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(SOURCE, (device, source) -> patches(device, source, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void depthwiseConvolutionsAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(SOURCE, (device, source) -> depthwise(device, source, images));
    }

    static Stream<Fault> faults() {
        return Stream.of(
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
                        "patches[row * columns + (channel * kernel_h + ky) * kernel_w + kx]",
                        "patches[row * columns + (channel * kernel_h + kx) * kernel_w + ky]"),
                new Fault(
                        "multiplier ignored",
                        "const int channel = output / multiplier;",
                        "const int channel = output % channels;"),
                new Fault("second multiple left out of the gradient", "m < multiplier; m++", "m < 1; m++"),
                new Fault("bias of the channel", "bias ? bias[output]", "bias ? bias[channel]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            for (ImageCase images : cases()) {
                patches(device, source, images);
                depthwise(device, source, images);
            }
        });
    }

    private static void patches(Device device, KernelSource source, ImageCase images) {
        try (Values values = new Values(device, images.seed())) {
            Window window = images.window();
            int kernel = window.taps();
            int count = images.outSize() * kernel;
            float[] image = values.normal(images.size());
            float[] delta = values.normal(count);
            MachineArray patches = values.fresh(count);
            MachineArray back = values.fresh(images.size());
            ConvolutionKernels kernels = new CudaConvolution(device, source);
            kernels.patches(images.images(values.in(image)), window, patches);
            kernels.patchesGradient(values.in(delta), window, images.images(back));
            float[] expected = new float[count];
            Expected gradient = new Expected(images.size());
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                int row = (n * window.y().out() + oy) * window.x().out() + ox;
                int place =
                        (row * images.channels() + c) * kernel + ky * window.x().kernel() + kx;
                expected[place] = image[images.index(n, c, y, x)];
                gradient.add(
                        images.index(n, c, y, x), delta[place], (kernel + 1) * Values.UNIT * Math.abs(delta[place]));
            });
            assertArrayEquals(expected, values.get(patches));
            gradient.compare("image", values.get(back));
        }
    }

    private static void depthwise(Device device, KernelSource source, ImageCase images) {
        try (Values values = new Values(device, images.seed())) {
            Window window = images.window();
            int outputs = images.channels() * MULTIPLIER;
            int kernel = window.taps();
            float[] image = values.normal(images.size());
            float[] weights = values.normal(kernel * outputs);
            float[] bias = values.normal(outputs);
            float[] delta = values.normal(images.outSize() * MULTIPLIER);
            MachineArray out = values.fresh(delta.length);
            MachineArray back = values.fresh(images.size());
            ConvolutionKernels kernels = new CudaConvolution(device, source);
            MachineArray deviceWeights = values.in(weights);
            MachineArray deviceImage = values.in(image);
            Optional<MachineArray> deviceBias = Optional.of(values.in(bias));
            kernels.depthwise(
                    images.images(deviceImage),
                    deviceWeights,
                    deviceBias,
                    window,
                    images.outputs(out, outputs),
                    Activation.IDENTITY);
            MachineArray rectified = values.fresh(delta.length);
            kernels.depthwise(
                    images.images(deviceImage),
                    deviceWeights,
                    deviceBias,
                    window,
                    images.outputs(rectified, outputs),
                    Activation.of(Activation.Kind.RELU6));
            kernels.depthwiseGradient(
                    images.outputs(values.in(delta), outputs), deviceWeights, window, images.images(back));
            Expected forward = new Expected(delta.length);
            Expected gradient = new Expected(images.size());
            for (int n = 0; n < images.batch(); n++) {
                for (int c = 0; c < outputs; c++) {
                    for (int oy = 0; oy < window.y().out(); oy++) {
                        for (int ox = 0; ox < window.x().out(); ox++) {
                            forward.set(
                                    images.outIndex(n, c, oy, ox, outputs),
                                    bias[c],
                                    (kernel + 2) * Values.UNIT * Math.abs(bias[c]));
                        }
                    }
                }
            }
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                for (int m = 0; m < MULTIPLIER; m++) {
                    int output = c * MULTIPLIER + m;
                    double weight = weights[(ky * window.x().kernel() + kx) * outputs + output];
                    int to = images.outIndex(n, output, oy, ox, outputs);
                    int from = images.index(n, c, y, x);
                    double unit = (kernel * MULTIPLIER + 2) * Values.UNIT;
                    forward.add(to, weight * image[from], unit * Math.abs(weight * image[from]));
                    gradient.add(from, weight * delta[to], unit * Math.abs(weight * delta[to]));
                }
            });
            forward.compare("out", values.get(out));
            float[] bounded = values.get(out);
            for (int i = 0; i < bounded.length; i++) {
                bounded[i] = Math.min(6, Math.max(0, bounded[i]));
            }
            assertArrayEquals(bounded, values.get(rectified));
            gradient.compare("image", values.get(back));
        }
    }
}
