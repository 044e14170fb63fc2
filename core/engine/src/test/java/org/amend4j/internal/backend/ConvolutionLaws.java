/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/** Patches and depthwise convolutions against loops in double, in both layouts. */
public final class ConvolutionLaws {

    private ConvolutionLaws() {}

    /** In both orders of columns. */
    public static void patches(Machine machine, ConvolutionKernels kernels, ElementType type, ImageCase images) {
        for (PatchOrder order : PatchOrder.values()) {
            patches(machine, kernels, type, images, order);
        }
    }

    private static void patches(
            Machine machine, ConvolutionKernels kernels, ElementType type, ImageCase images, PatchOrder order) {
        try (Values values = new Values(machine, type, images.seed())) {
            Window window = images.window();
            int kernel = window.taps();
            int count = images.outSize() * kernel;
            float[] image = values.normal(images.size());
            float[] delta = values.normal(count);
            MachineArray patches = values.fresh(count);
            MachineArray back = values.fresh(images.size());
            kernels.patches(images.images(values.in(image)), window, order, patches);
            kernels.patchesGradient(values.in(delta), window, order, images.images(back));
            float[] expected = new float[count];
            Expected gradient = new Expected(images.size());
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                int row = (n * window.y().out() + oy) * window.x().out() + ox;
                int tap = ky * window.x().kernel() + kx;
                int column = order == PatchOrder.CHANNEL_TAP ? c * kernel + tap : tap * images.channels() + c;
                int place = row * images.channels() * kernel + column;
                expected[place] = image[images.index(n, c, y, x)];
                gradient.add(
                        images.index(n, c, y, x), delta[place], (kernel + 1) * values.unit() * Math.abs(delta[place]));
            });
            assertArrayEquals(Values.widened(expected), values.get(patches));
            gradient.compare("image", values.get(back));
        }
    }

    /** With one output of each channel, and with two. */
    public static void depthwise(Machine machine, ConvolutionKernels kernels, ElementType type, ImageCase images) {
        depthwise(machine, kernels, type, images, 1);
        depthwise(machine, kernels, type, images, 2);
    }

    private static void depthwise(
            Machine machine, ConvolutionKernels kernels, ElementType type, ImageCase images, int multiplier) {
        try (Values values = new Values(machine, type, images.seed())) {
            Window window = images.window();
            int outputs = images.channels() * multiplier;
            int kernel = window.taps();
            float[] image = values.normal(images.size());
            float[] weights = values.normal(kernel * outputs);
            float[] bias = values.normal(outputs);
            float[] delta = values.normal(images.outSize() * multiplier);
            MachineArray out = values.fresh(delta.length);
            MachineArray back = values.fresh(images.size());
            MachineArray onWeights = values.in(weights);
            MachineArray onImage = values.in(image);
            Optional<MachineArray> onBias = Optional.of(values.in(bias));
            kernels.depthwise(
                    images.images(onImage),
                    onWeights,
                    onBias,
                    window,
                    images.outputs(out, outputs),
                    Activation.IDENTITY);
            MachineArray rectified = values.fresh(delta.length);
            kernels.depthwise(
                    images.images(onImage),
                    onWeights,
                    onBias,
                    window,
                    images.outputs(rectified, outputs),
                    Activation.of(Activation.Kind.RELU6));
            kernels.depthwiseGradient(
                    images.outputs(values.in(delta), outputs), onWeights, window, images.images(back));
            Expected forward = new Expected(delta.length);
            Expected gradient = new Expected(images.size());
            for (int n = 0; n < images.batch(); n++) {
                for (int c = 0; c < outputs; c++) {
                    for (int oy = 0; oy < window.y().out(); oy++) {
                        for (int ox = 0; ox < window.x().out(); ox++) {
                            forward.set(
                                    images.outIndex(n, c, oy, ox, outputs),
                                    bias[c],
                                    (kernel + 2) * values.unit() * Math.abs(bias[c]));
                        }
                    }
                }
            }
            images.forEach((n, c, oy, ox, ky, kx, y, x) -> {
                for (int m = 0; m < multiplier; m++) {
                    int output = c * multiplier + m;
                    double weight = weights[(ky * window.x().kernel() + kx) * outputs + output];
                    int to = images.outIndex(n, output, oy, ox, outputs);
                    int from = images.index(n, c, y, x);
                    double unit = (kernel * multiplier + 2) * values.unit();
                    forward.add(to, weight * image[from], unit * Math.abs(weight * image[from]));
                    gradient.add(from, weight * delta[to], unit * Math.abs(weight * delta[to]));
                }
            });
            forward.compare("out", values.get(out));
            double[] bounded = values.get(out);
            for (int i = 0; i < bounded.length; i++) {
                bounded[i] = Math.min(6, Math.max(0, bounded[i]));
            }
            assertArrayEquals(bounded, values.get(rectified));
            gradient.compare("image", values.get(back));
        }
    }
}
