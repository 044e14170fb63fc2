/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.network.Window;

/** Pooling against loops in double, in both layouts, global pooling included. */
public final class PoolingLaws {

    private PoolingLaws() {}

    public static void max(
            Machine machine, PoolingKernels kernels, ElementType type, ImageCase images, boolean withNaN) {
        try (Values values = new Values(machine, type, images.seed())) {
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
                    gradient.add(from[i], delta[i], (kernel + 1) * values.unit() * Math.abs(delta[i]));
                }
            }
            assertArrayEquals(Values.widened(most), values.get(out));
            gradient.compare("image", values.get(back));
        }
    }

    public static void average(
            Machine machine, PoolingKernels kernels, ElementType type, ImageCase images, boolean countPadding) {
        try (Values values = new Values(machine, type, images.seed())) {
            Window window = images.window();
            int kernel = window.taps();
            float[] image = values.normal(images.size());
            float[] delta = values.normal(images.outSize());
            MachineArray out = values.fresh(images.outSize());
            MachineArray back = values.fresh(images.size());
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
                double unit = (kernel + 2) * values.unit();
                forward.add(to, image[from] / size, unit * Math.abs(image[from] / size));
                gradient.add(from, delta[to] / size, unit * Math.abs(delta[to] / size));
            });
            forward.compare("out", values.get(out));
            gradient.compare("image", values.get(back));
        }
    }
}
