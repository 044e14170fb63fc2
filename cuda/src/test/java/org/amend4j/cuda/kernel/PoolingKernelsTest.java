/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.PoolingKernels;
import org.amend4j.network.Window;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pooling against loops in double, in both layouts, global pooling included; planted faults are noticed. */
class PoolingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("pooling");

    static List<ImageCase> cases() {
        return ImageCase.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void maximaAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(SOURCE, (device, source) -> max(device, source, images, false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aNaNIsTheMaximumWhereverItIs(ImageCase images) {
        Caught.holds(SOURCE, (device, source) -> max(device, source, images, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void averagesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        Caught.holds(SOURCE, (device, source) -> {
            average(device, source, images, false);
            average(device, source, images, true);
        });
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault("last among equals", "value > most", "value >= most"),
                new Fault("a NaN lost unless it is first", "|| (value != value && most == most)", ""),
                new Fault("the last NaN", "(value != value && most == most)", "value != value"),
                new Fault(
                        "places by output order",
                        "places[window * channels + channel]",
                        "places[channel * channels + window]"),
                new Fault("padding as zero", "float most = -INFINITY;", "float most = 0.0f;"),
                new Fault("last maximum unwritten", "places[i] = place;", "if (i < count - 1) places[i] = place;"),
                new Fault(
                        "padding always counted",
                        "count += place >= 0 && place < size;",
                        "count += place >= -1000 - size;"),
                new Fault(
                        "wrong stride of the output",
                        "(long long)ox * out_stride_x] = size == 0",
                        "(long long)ox * out_stride_y] = size == 0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            for (ImageCase images : cases()) {
                max(device, source, images, false);
                max(device, source, images, true);
                average(device, source, images, false);
                average(device, source, images, true);
            }
        });
    }

    private static void max(Device device, KernelSource source, ImageCase images, boolean withNaN) {
        try (Values values = new Values(device, images.seed())) {
            Window window = images.window();
            float[] image = values.normal(images.size());
            for (int i = 0; i < image.length; i++) {
                image[i] = Math.round(image[i]) - 5; // many equals, and all below what padding would be as zero
                if (withNaN && values.random().nextInt(12) == 0) {
                    image[i] = Float.NaN;
                }
            }
            float[] delta = values.normal(images.outSize());
            MachineArray out = values.fresh(images.outSize());
            MachineArray places = values.freshInts(images.outSize());
            MachineArray back = values.fresh(images.size());
            PoolingKernels kernels = new CudaPooling(device, source);
            kernels.max(images.images(values.in(image)), window, images.outputs(out, images.channels()), places);
            kernels.maxGradient(
                    images.outputs(values.in(delta), images.channels()), places, window, images.images(back));
            float[] most = new float[images.outSize()];
            int[] from = new int[images.outSize()];
            Arrays.fill(most, Float.NEGATIVE_INFINITY);
            Arrays.fill(from, -1);
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                int to = images.outIndex(n, c, oy, ox, images.channels());
                float value = image[images.index(n, c, y, x)];
                if (value > most[to] || (Float.isNaN(value) && !Float.isNaN(most[to]))) {
                    most[to] = value;
                    from[to] = images.index(n, c, y, x);
                }
            });
            Expected gradient = new Expected(images.size());
            int kernel = window.taps();
            for (int i = 0; i < from.length; i++) {
                if (from[i] >= 0) {
                    gradient.add(from[i], delta[i], (kernel + 1) * Values.UNIT * Math.abs(delta[i]));
                }
            }
            assertArrayEquals(most, values.get(out));
            gradient.compare("image", values.get(back));
        }
    }

    private static void average(Device device, KernelSource source, ImageCase images, boolean countPadding) {
        try (Values values = new Values(device, images.seed())) {
            Window window = images.window();
            int kernel = window.taps();
            float[] image = values.normal(images.size());
            float[] delta = values.normal(images.outSize());
            MachineArray out = values.fresh(images.outSize());
            MachineArray back = values.fresh(images.size());
            PoolingKernels kernels = new CudaPooling(device, source);
            kernels.average(
                    images.images(values.in(image)), window, countPadding, images.outputs(out, images.channels()));
            kernels.averageGradient(
                    images.outputs(values.in(delta), images.channels()), window, countPadding, images.images(back));
            int[] sizes = new int[images.outSize()];
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> sizes[images.outIndex(n, c, oy, ox, images.channels())]++);
            Expected forward = new Expected(images.outSize());
            Expected gradient = new Expected(images.size());
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                int to = images.outIndex(n, c, oy, ox, images.channels());
                int from = images.index(n, c, y, x);
                double size = countPadding ? kernel : sizes[to];
                double unit = (kernel + 2) * Values.UNIT;
                forward.add(to, image[from] / size, unit * Math.abs(image[from] / size));
                gradient.add(from, delta[to] / size, unit * Math.abs(delta[to] / size));
            });
            forward.compare("out", values.get(out));
            gradient.compare("image", values.get(back));
        }
    }
}
