/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ConvolutionKernels;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Window.Span;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The host's kernels on images against plain loops, in both types and layouts; nothing around their results is written. */
class HostImagesTest {

    private static final int MARGIN = 67;
    private static final double UNTOUCHED = -77;

    private final HostMachine machine = HostMachine.open(1);
    private final List<MachineArray> given = new ArrayList<>();
    private final List<MachineArray> fresh = new ArrayList<>();
    private final Random random = new Random(5);

    /** Images and a window on them. */
    record Case(ElementType type, boolean first, int batch, int channels, int height, int width, Window window) {

        int size() {
            return batch * channels * height * width;
        }

        int outputs() {
            return Math.toIntExact(window.positions(batch)) * channels;
        }

        ImageView images(MachineArray array) {
            return new ImageView(array, first, batch, channels, height, width);
        }

        ImageView outputs(MachineArray array, int multiplier) {
            return new ImageView(
                    array,
                    first,
                    batch,
                    channels * multiplier,
                    window.y().out(),
                    window.x().out());
        }

        int at(int n, int c, int y, int x) {
            return index(first, n, c, y, x, channels, height, width);
        }

        int outAt(int n, int c, int y, int x, int multiplier) {
            return index(
                    first,
                    n,
                    c,
                    y,
                    x,
                    channels * multiplier,
                    window.y().out(),
                    window.x().out());
        }

        double unit() {
            return VectorLoops.of(type).unit();
        }

        /** All elements of windows inside of the images, windows in order, elements in row order. */
        void forEach(Visitor visitor) {
            for (int n = 0; n < batch; n++) {
                for (int oy = 0; oy < window.y().out(); oy++) {
                    for (int ox = 0; ox < window.x().out(); ox++) {
                        for (int c = 0; c < channels; c++) {
                            window(n, c, oy, ox, visitor);
                        }
                    }
                }
            }
        }

        private void window(int n, int c, int oy, int ox, Visitor visitor) {
            for (int ky = 0; ky < window.y().kernel(); ky++) {
                int y = place(window.y(), oy, ky);
                for (int kx = 0; kx < window.x().kernel() && y >= 0 && y < height; kx++) {
                    int x = place(window.x(), ox, kx);
                    if (x >= 0 && x < width) {
                        visitor.visit(n, c, oy, ox, ky * window.x().kernel() + kx, y, x);
                    }
                }
            }
        }

        private static int place(Span span, int out, int tap) {
            return out * span.step() - span.pad() + tap * span.dilation();
        }
    }

    private interface Visitor {
        void visit(int n, int c, int oy, int ox, int tap, int y, int x);
    }

    private static int index(boolean first, int n, int c, int y, int x, int channels, int height, int width) {
        return first ? ((n * channels + c) * height + y) * width + x : ((n * height + y) * width + x) * channels + c;
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE)) {
            for (boolean first : new boolean[] {false, true}) {
                cases.add(new Case(type, first, 0, 2, 5, 4, square(3, 1, 1, 1, 5, 4)));
                cases.add(new Case(type, first, 3, 1, 1, 1, square(1, 1, 0, 1, 1, 1)));
                cases.add(new Case(type, first, 3, 5, 7, 5, square(3, 1, 1, 1, 7, 5)));
                cases.add(new Case(type, first, 2, 3, 7, 5, square(3, 2, 1, 1, 4, 3)));
                cases.add(new Case(type, first, 3, 4, 11, 8, square(3, 3, 1, 2, 3, 2)));
                cases.add(new Case(
                        type, first, 3, 5, 6, 9, new Window(new Span(2, 1, 0, 2, 4), new Span(3, 2, 2, 1, 5))));
                cases.add(new Case(type, first, 2, 2, 5, 6, Window.whole(5, 6)));
                // the corners see nothing but padding
                cases.add(new Case(type, first, 1, 2, 2, 2, square(2, 1, 2, 1, 5, 5)));
                // steps beyond the kernel, and an image that windows do not cover
                cases.add(new Case(type, first, 2, 3, 9, 10, square(1, 2, 0, 1, 4, 5)));
                cases.add(new Case(type, first, 1, 3, 11, 12, square(2, 4, 1, 1, 2, 3)));
                // more than a tile
                cases.add(new Case(type, first, 1, 70, 4, 40, square(3, 1, 1, 1, 4, 40)));
                cases.add(new Case(type, first, 1, 70, 5, 41, square(3, 2, 0, 1, 2, 20)));
                cases.add(new Case(type, first, 1, 1100, 3, 3, square(2, 1, 1, 1, 4, 4)));
            }
        }
        return cases;
    }

    private static Window square(int kernel, int step, int pad, int dilation, int outHeight, int outWidth) {
        return new Window(
                new Span(kernel, step, pad, dilation, outHeight), new Span(kernel, step, pad, dilation, outWidth));
    }

    /** Sums of terms, and how far rounded ones may be from them. */
    private static final class Sums {
        final double[] values;
        final double[] tolerances;
        private final double[] magnitudes;
        private final int[] terms;
        private final double unit;

        Sums(int length, double unit) {
            this.values = new double[length];
            this.tolerances = new double[length];
            this.magnitudes = new double[length];
            this.terms = new int[length];
            this.unit = unit;
        }

        void add(int at, double term) {
            values[at] += term;
            magnitudes[at] += Math.abs(term);
            terms[at]++;
            // one rounding of the term, one of each sum, as many of the sums here, and a quotient's; second orders are
            // in the 4
            tolerances[at] = (terms[at] + 4) * (unit + 0x1p-53) * magnitudes[at];
        }

        void compare(double[] actual) {
            assertEquals(values.length, actual.length);
            for (int k = 0; k < values.length; k++) {
                assertEquals(values[k], actual[k], tolerances[k], "element " + k);
            }
        }

        /** Σ|weight| · tolerance. */
        double slack(double[] weights) {
            double sum = 0;
            for (int k = 0; k < weights.length; k++) {
                sum += Math.abs(weights[k]) * (tolerances[k] + 0x1p-53 * weights.length * Math.abs(values[k]));
            }
            return sum;
        }
    }

    /** ⟨f(x), d⟩ = ⟨x, f'(d)⟩. */
    private void adjoint(Sums f, MachineArray fx, double[] d, Sums gradient, MachineArray back, double[] x) {
        double slack = f.slack(d) + gradient.slack(x);
        assertEquals(dot(machine.downloadDoubles(fx), d), dot(machine.downloadDoubles(back), x), slack);
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            sum += x[k] * y[k];
        }
        return sum;
    }

    @AfterEach
    void close() {
        given.forEach(MachineArray::close);
        fresh.forEach(MachineArray::close);
        machine.close();
    }

    private MachineArray in(ElementType type, double... values) {
        MachineArray array = machine.allocate("test", type, values.length);
        machine.upload(values, array);
        given.add(array);
        return array;
    }

    /** For a result, with margins. */
    private MachineArray out(ElementType type, int length) {
        MachineArray array = machine.allocate("test", type, length + 2 * MARGIN);
        if (type == ElementType.INT) {
            machine.upload(filledInts(length + 2 * MARGIN), array);
        } else {
            machine.fill(array, UNTOUCHED);
        }
        fresh.add(array);
        return array.slice(MARGIN, length);
    }

    private static int[] filledInts(int length) {
        int[] values = new int[length];
        Arrays.fill(values, (int) UNTOUCHED);
        return values;
    }

    private void marginsAreUntouched() {
        for (MachineArray array : fresh) {
            boolean real = array.type() != ElementType.INT;
            double[] values = real
                    ? machine.downloadDoubles(array)
                    : Arrays.stream(machine.downloadInts(array))
                            .asDoubleStream()
                            .toArray();
            for (int k = 0; k < MARGIN; k++) {
                assertEquals(UNTOUCHED, values[k]);
                assertEquals(UNTOUCHED, values[values.length - 1 - k]);
            }
        }
    }

    private double[] numbers(int length, DoubleSupplier from) {
        double[] values = new double[length];
        for (int k = 0; k < length; k++) {
            values[k] = (float) from.getAsDouble();
        }
        return values;
    }

    private double[] normal(int length) {
        return numbers(length, random::nextGaussian);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void patchesHoldWindowsAndTheirGradientAddsCopiesUp(Case images) {
        for (PatchOrder order : PatchOrder.values()) {
            patches(images, order);
        }
        marginsAreUntouched();
    }

    private void patches(Case images, PatchOrder order) {
        int taps = images.window().taps();
        double[] x = normal(images.size());
        double[] d = normal(images.outputs() * taps);
        MachineArray patches = out(images.type(), d.length);
        MachineArray back = out(images.type(), x.length);
        ConvolutionKernels kernels = machine.kernels().convolution();
        kernels.patches(images.images(in(images.type(), x)), images.window(), order, patches);
        kernels.patchesGradient(in(images.type(), d), images.window(), order, images.images(back));
        Sums copies = new Sums(d.length, images.unit());
        Sums gradient = new Sums(x.length, images.unit());
        images.forEach((n, c, oy, ox, tap, y, xx) -> {
            int row = (n * images.window().y().out() + oy) * images.window().x().out() + ox;
            int column = order == PatchOrder.CHANNEL_TAP ? c * taps + tap : tap * images.channels() + c;
            int to = row * images.channels() * taps + column;
            copies.add(to, x[images.at(n, c, y, xx)]);
            gradient.add(images.at(n, c, y, xx), d[to]);
        });
        assertArrayEquals(copies.values, machine.downloadDoubles(patches));
        gradient.compare(machine.downloadDoubles(back));
        adjoint(copies, patches, d, gradient, back, x);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void depthwiseConvolutionsAndTheirGradientsAreTheirDefinitions(Case images) {
        for (int multiplier = 1; multiplier <= 3; multiplier++) {
            depthwise(images, multiplier);
            activated(images, multiplier);
        }
        marginsAreUntouched();
    }

    private void depthwise(Case images, int multiplier) {
        int outs = images.channels() * multiplier;
        double[] x = normal(images.size());
        double[] d = normal(images.outputs() * multiplier);
        double[] w = normal(images.window().taps() * outs);
        MachineArray weights = in(images.type(), w);
        MachineArray z = out(images.type(), d.length);
        MachineArray back = out(images.type(), x.length);
        ImageView from = images.images(in(images.type(), x));
        ImageView to = images.outputs(z, multiplier);
        machine.kernels()
                .convolution()
                .depthwise(from, weights, Optional.empty(), images.window(), to, Activation.IDENTITY);
        ImageView delta = images.outputs(in(images.type(), d), multiplier);
        machine.kernels().convolution().depthwiseGradient(delta, weights, images.window(), images.images(back));
        Sums products = new Sums(d.length, images.unit());
        Sums gradient = new Sums(x.length, images.unit());
        images.forEach((n, c, oy, ox, tap, y, xx) -> {
            for (int m = 0; m < multiplier; m++) {
                double weight = w[tap * outs + c * multiplier + m];
                int out = images.outAt(n, c * multiplier + m, oy, ox, multiplier);
                products.add(out, weight * x[images.at(n, c, y, xx)]);
                gradient.add(images.at(n, c, y, xx), weight * d[out]);
            }
        });
        products.compare(machine.downloadDoubles(z));
        gradient.compare(machine.downloadDoubles(back));
        adjoint(products, z, d, gradient, back, x);
    }

    /** With a bias and an activation, into the other layout. */
    private void activated(Case images, int multiplier) {
        int outs = images.channels() * multiplier;
        double[] x = normal(images.size());
        double[] w = normal(images.window().taps() * outs);
        double[] b = normal(outs);
        Activation relu6 = Activation.of(Activation.Kind.RELU6);
        MachineArray y = out(images.type(), images.outputs() * multiplier);
        Case turned = new Case(
                images.type(),
                !images.first(),
                images.batch(),
                images.channels(),
                images.height(),
                images.width(),
                images.window());
        machine.kernels()
                .convolution()
                .depthwise(
                        images.images(in(images.type(), x)),
                        in(images.type(), w),
                        Optional.of(in(images.type(), b)),
                        images.window(),
                        turned.outputs(y, multiplier),
                        relu6);
        Sums sums = new Sums(images.outputs() * multiplier, images.unit());
        Window whole = images.window();
        for (int n = 0; n < images.batch(); n++) {
            for (int out = 0; out < outs; out++) {
                for (int k = 0; k < whole.y().out() * whole.x().out(); k++) {
                    int ox = k % whole.x().out();
                    sums.add(turned.outAt(n, out, k / whole.x().out(), ox, multiplier), b[out]);
                }
            }
        }
        images.forEach((n, c, oy, ox, tap, yy, xx) -> {
            for (int m = 0; m < multiplier; m++) {
                int out = c * multiplier + m;
                sums.add(turned.outAt(n, out, oy, ox, multiplier), w[tap * outs + out] * x[images.at(n, c, yy, xx)]);
            }
        });
        // it never enlarges a difference
        Arrays.setAll(sums.values, k -> Functions.value(relu6, sums.values[k]));
        sums.compare(machine.downloadDoubles(y));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theFirstOfTheGreatestIsFoundAndGetsTheGradient(Case images) {
        max(images, numbers(images.size(), () -> Math.rint(2 * random.nextGaussian())));
        double[] rare = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 0.0, -1e-30, 1e-30};
        max(images, numbers(images.size(), () -> rare[random.nextInt(rare.length)]));
        max(images, numbers(images.size(), () -> Double.NEGATIVE_INFINITY));
        marginsAreUntouched();
    }

    private void max(Case images, double... x) {
        double[] d = normal(images.outputs());
        MachineArray most = out(images.type(), d.length);
        MachineArray back = out(images.type(), x.length);
        MachineArray places = out(ElementType.INT, d.length);
        ImageView from = images.images(in(images.type(), x));
        machine.kernels().pooling().max(from, images.window(), images.outputs(most, 1), places);
        ImageView delta = images.outputs(in(images.type(), d), 1);
        machine.kernels().pooling().maxGradient(delta, places, images.window(), images.images(back));
        double[] greatest = new double[d.length];
        int[] where = new int[d.length];
        Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
        Arrays.fill(where, -1);
        images.forEach((n, c, oy, ox, tap, y, xx) -> {
            int out = images.outAt(n, c, oy, ox, 1);
            int place = index(
                    false,
                    n,
                    c,
                    oy,
                    ox,
                    images.channels(),
                    images.window().y().out(),
                    images.window().x().out());
            double value = x[images.at(n, c, y, xx)];
            if (where[place] < 0 || value > greatest[out] || (Double.isNaN(value) && !Double.isNaN(greatest[out]))) {
                greatest[out] = value;
                where[place] = y * images.width() + xx;
            }
        });
        Sums gradient = new Sums(x.length, images.unit());
        images.forEach((n, c, oy, ox, tap, y, xx) -> {
            int place = index(
                    false,
                    n,
                    c,
                    oy,
                    ox,
                    images.channels(),
                    images.window().y().out(),
                    images.window().x().out());
            if (where[place] == y * images.width() + xx) {
                gradient.add(images.at(n, c, y, xx), d[images.outAt(n, c, oy, ox, 1)]);
            }
        });
        assertArrayEquals(where, machine.downloadInts(places));
        assertArrayEquals(unsigned(greatest), unsigned(machine.downloadDoubles(most)));
        gradient.compare(machine.downloadDoubles(back));
    }

    /** With zeros that have no sign. */
    private static double[] unsigned(double... values) {
        return Arrays.stream(values).map(value -> value + 0.0).toArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void averagesAndTheirGradientsAreTheirDefinitions(Case images) {
        average(images, true);
        average(images, false);
        marginsAreUntouched();
    }

    private void average(Case images, boolean countPadding) {
        double[] x = normal(images.size());
        double[] d = normal(images.outputs());
        MachineArray mean = out(images.type(), d.length);
        MachineArray back = out(images.type(), x.length);
        ImageView from = images.images(in(images.type(), x));
        machine.kernels().pooling().average(from, images.window(), countPadding, images.outputs(mean, 1));
        ImageView delta = images.outputs(in(images.type(), d), 1);
        machine.kernels().pooling().averageGradient(delta, images.window(), countPadding, images.images(back));
        int[] sizes = new int[d.length];
        images.forEach((n, c, oy, ox, tap, y, xx) -> sizes[images.outAt(n, c, oy, ox, 1)]++);
        if (countPadding) {
            Arrays.fill(sizes, images.window().taps());
        }
        Sums sums = new Sums(d.length, images.unit());
        Sums gradient = new Sums(x.length, images.unit());
        images.forEach((n, c, oy, ox, tap, y, xx) -> {
            int out = images.outAt(n, c, oy, ox, 1);
            sums.add(out, x[images.at(n, c, y, xx)] / sizes[out]);
            gradient.add(images.at(n, c, y, xx), d[out] / sizes[out]);
        });
        sums.compare(machine.downloadDoubles(mean));
        gradient.compare(machine.downloadDoubles(back));
        adjoint(sums, mean, d, gradient, back, x);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void pixelsBecomeBlocksAndBlocksAreSummedUp(Case images) {
        for (int[] factors : new int[][] {{1, 1}, {2, 3}, {3, 1}}) {
            int height = images.height() * factors[0];
            int width = images.width() * factors[1];
            double[] x = normal(images.size());
            double[] d = normal(images.size() * factors[0] * factors[1]);
            MachineArray large = out(images.type(), d.length);
            MachineArray back = out(images.type(), x.length);
            ImageView from = images.images(in(images.type(), x));
            machine.kernels().resampling().upsample(from, factors[0], factors[1], sized(images, large, height, width));
            ImageView delta = sized(images, in(images.type(), d), height, width);
            machine.kernels().resampling().upsampleGradient(delta, factors[0], factors[1], images.images(back));
            Sums copies = new Sums(d.length, images.unit());
            Sums gradient = new Sums(x.length, images.unit());
            pixels(images, height, width, (n, c, at, y, xx) -> {
                int source = images.at(n, c, y / factors[0], xx / factors[1]);
                copies.add(at, x[source]);
                gradient.add(source, d[at]);
            });
            assertArrayEquals(copies.values, machine.downloadDoubles(large));
            gradient.compare(machine.downloadDoubles(back));
            adjoint(copies, large, d, gradient, back, x);
        }
        marginsAreUntouched();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void croppingTakesAPartAndZerosAround(Case images) {
        for (int[] cut : new int[][] {{0, 0, 0, 0}, {1, 2, -2, -3}, {-2, -1, 3, 2}, {-1, 1, 0, 0}, {20, 50, 0, 0}}) {
            int height = Math.max(1, images.height() + cut[2]);
            int width = Math.max(1, images.width() + cut[3]);
            double[] x = normal(images.size());
            double[] expected = new double[images.batch() * images.channels() * height * width];
            MachineArray part = out(images.type(), expected.length);
            ImageView from = images.images(in(images.type(), x));
            machine.kernels().resampling().crop(from, cut[0], cut[1], sized(images, part, height, width));
            pixels(images, height, width, (n, c, at, y, xx) -> {
                int row = y + cut[0];
                int column = xx + cut[1];
                if (row >= 0 && row < images.height() && column >= 0 && column < images.width()) {
                    expected[at] = x[images.at(n, c, row, column)];
                }
            });
            assertArrayEquals(expected, machine.downloadDoubles(part));
        }
        marginsAreUntouched();
    }

    private static ImageView sized(Case images, MachineArray array, int height, int width) {
        return new ImageView(array, images.first(), images.batch(), images.channels(), height, width);
    }

    private interface PixelVisitor {
        void visit(int n, int c, int at, int y, int x);
    }

    private static void pixels(Case images, int height, int width, PixelVisitor visitor) {
        int size = images.batch() * images.channels() * height * width;
        for (int at = 0; at < size; at++) {
            int channel = images.first() ? at / (height * width) % images.channels() : at % images.channels();
            int pixel = images.first() ? at : at / images.channels();
            int n = at / (images.channels() * height * width);
            visitor.visit(n, channel, at, pixel / width % height, pixel % width);
        }
    }
}
