/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.amend4j.backend.ElementType;

/** Upsampling and cropping against plain loops, in both layouts. */
public final class ResamplingLaws {

    private ResamplingLaws() {}

    /** Images, with factors that make them larger and distances that cut them. */
    public record Case(
            boolean channelsFirst, int batch, int channels, int height, int width, int inY, int inX, long seed) {

        int size() {
            return batch * channels * height * width;
        }

        ImageView images(MachineArray array, int rows, int columns) {
            return new ImageView(array, channelsFirst, batch, channels, rows, columns);
        }

        int index(int n, int c, int y, int x, int rows, int columns) {
            return channelsFirst
                    ? ((n * channels + c) * rows + y) * columns + x
                    : ((n * rows + y) * columns + x) * channels + c;
        }
    }

    public static List<Case> cases() {
        return List.of(
                new Case(true, 0, 2, 3, 2, 2, 2, 1),
                new Case(false, 1, 1, 1, 1, 1, 1, 2),
                new Case(true, 2, 3, 3, 5, 2, 3, 3),
                new Case(false, 2, 3, 3, 5, 2, 3, 4),
                new Case(false, 3, 5, 6, 4, 3, 1, 5),
                new Case(true, 1, 20, 5, 3, 1, 2, 6));
    }

    public static void upsampling(Machine machine, ResamplingKernels kernels, ElementType type, Case images) {
        try (Values values = new Values(machine, type, images.seed())) {
            int fy = images.inY();
            int fx = images.inX();
            int rows = images.height() * fy;
            int columns = images.width() * fx;
            float[] image = values.normal(images.size());
            float[] delta = values.normal(images.size() * fy * fx);
            MachineArray out = values.fresh(delta.length);
            MachineArray back = values.fresh(image.length);
            kernels.upsample(
                    images.images(values.in(image), images.height(), images.width()),
                    fy,
                    fx,
                    images.images(out, rows, columns));
            kernels.upsampleGradient(
                    images.images(values.in(delta), rows, columns),
                    fy,
                    fx,
                    images.images(back, images.height(), images.width()));
            float[] repeated = new float[delta.length];
            Expected gradient = new Expected(image.length);
            forEach(images, rows, columns, (n, c, y, x) -> {
                int to = images.index(n, c, y, x, rows, columns);
                int from = images.index(n, c, y / fy, x / fx, images.height(), images.width());
                repeated[to] = image[from];
                gradient.add(from, delta[to], fy * fx * values.unit() * Math.abs(delta[to]));
            });
            assertArrayEquals(Values.widened(repeated), values.get(out));
            gradient.compare("image", values.get(back));
        }
    }

    /** Cuts inY − 1 rows at the top and inX − 1 columns at the left, and one row and column at the other ends if they are there. */
    public static void cropping(Machine machine, ResamplingKernels kernels, ElementType type, Case images) {
        try (Values values = new Values(machine, type, images.seed())) {
            int top = images.inY() - 1;
            int left = images.inX() - 1;
            int rows = Math.max(1, images.height() - top - 1);
            int columns = Math.max(1, images.width() - left - 1);
            int cut = images.batch() * images.channels() * rows * columns;
            float[] image = values.normal(images.size());
            float[] delta = values.normal(cut);
            MachineArray out = values.fresh(cut);
            MachineArray back = values.fresh(image.length);
            kernels.crop(
                    images.images(values.in(image), images.height(), images.width()),
                    top,
                    left,
                    images.images(out, rows, columns));
            kernels.crop(
                    images.images(values.in(delta), rows, columns),
                    -top,
                    -left,
                    images.images(back, images.height(), images.width()));
            float[] kept = new float[cut];
            float[] padded = new float[image.length];
            forEach(images, rows, columns, (n, c, y, x) -> {
                int to = images.index(n, c, y, x, rows, columns);
                int from = images.index(n, c, y + top, x + left, images.height(), images.width());
                kept[to] = image[from];
                padded[from] = delta[to];
            });
            assertArrayEquals(Values.widened(kept), values.get(out));
            assertArrayEquals(Values.widened(padded), values.get(back));
        }
    }

    private interface Visitor {
        void visit(int n, int c, int y, int x);
    }

    private static void forEach(Case images, int rows, int columns, Visitor visitor) {
        for (int n = 0; n < images.batch(); n++) {
            for (int c = 0; c < images.channels(); c++) {
                for (int y = 0; y < rows; y++) {
                    for (int x = 0; x < columns; x++) {
                        visitor.visit(n, c, y, x);
                    }
                }
            }
        }
    }

    public static void otherShapes(Machine machine, ResamplingKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 7)) {
            ImageView small = new ImageView(values.fresh(6), true, 1, 1, 2, 3);
            ImageView large = new ImageView(values.fresh(24), true, 1, 1, 4, 6);
            refused("upsampled images must be 1 images of 1 x 6 x 6", () -> kernels.upsample(small, 3, 2, large));
            refused("factor in y must be >= 1, got 0", () -> kernels.upsample(small, 0, 2, large));
        }
    }
}
