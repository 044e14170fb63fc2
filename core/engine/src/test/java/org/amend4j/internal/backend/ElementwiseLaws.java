/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.junit.jupiter.params.provider.Arguments;

/** Elementwise vertices, merging, splitting and transposing against their definitions. */
public final class ElementwiseLaws {

    private ElementwiseLaws() {}

    public static Stream<Arguments> matrices() {
        return Stream.of(
                Arguments.of(0, 3, 4),
                Arguments.of(1, 1, 1),
                Arguments.of(2, 1, 50),
                Arguments.of(3, 33, 65),
                Arguments.of(5, 31, 7));
    }

    public static void arithmetic(Machine machine, ElementwiseKernels kernels, ElementType type, int count, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] a = values.normal(count);
            float[] b = values.normal(count);
            MachineArray sum = values.freshRow(count);
            MachineArray product = values.freshRow(count);
            MachineArray scaled = values.row(a);
            MachineArray machineA = values.row(a);
            MachineArray machineB = values.row(b);
            kernels.scaledSum(machineA, 0.7, machineB, -1.3, sum);
            kernels.product(machineA, machineB, product);
            kernels.scale(scaled, 0.7, scaled);
            Expected toSum = new Expected(count);
            Expected toProduct = new Expected(count);
            Expected toScaled = new Expected(count);
            for (int i = 0; i < count; i++) {
                toSum.set(
                        i,
                        0.7 * a[i] - 1.3 * b[i],
                        4 * values.unit() * (Math.abs(a[i]) + 2 * Math.abs(b[i]))
                                + values.rounding(0.7 * a[i] - 1.3 * b[i]));
                toProduct.set(
                        i,
                        (double) a[i] * b[i],
                        values.unit() * Math.abs(a[i] * b[i]) + Float.MIN_NORMAL + values.rounding(a[i] * b[i]));
                toScaled.set(i, 0.7 * a[i], 2 * values.unit() * Math.abs(a[i]) + values.rounding(0.7 * a[i]));
            }
            toSum.compare("sum", values.get(sum));
            toProduct.compare("product", values.get(product));
            toScaled.compare("scaled in place", values.get(scaled));
        }
    }

    public static void maximum(Machine machine, ElementwiseKernels kernels, ElementType type, int count, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] a = values.normal(count);
            float[] b = values.normal(count);
            float[] delta = values.normal(count);
            float[] expected = new float[count];
            float[] toA = new float[count];
            float[] toB = new float[count];
            for (int i = 0; i < count; i++) {
                b[i] = values.random().nextInt(4) == 0 ? a[i] : b[i];
                expected[i] = Math.max(a[i], b[i]);
                toA[i] = a[i] == expected[i] ? delta[i] : 0;
                toB[i] = a[i] == expected[i] ? 0 : delta[i];
            }
            MachineArray machineA = values.row(a);
            MachineArray machineB = values.row(b);
            MachineArray onDelta = values.row(delta);
            MachineArray out = values.freshRow(count);
            MachineArray gradientB = values.freshRow(count);
            kernels.maximum(machineA, machineB, out);
            kernels.maximumGradient(onDelta, machineA, machineB, machineA, gradientB);
            assertArrayEquals(Values.widened(expected), values.get(out));
            assertArrayEquals(Values.widened(toA), values.get(machineA));
            assertArrayEquals(Values.widened(toB), values.get(gradientB));
        }
    }

    public static void merge(Machine machine, ElementwiseKernels kernels, ElementType type, int rows, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            int[] widths = {3, 1, 0, 40};
            int all = Arrays.stream(widths).sum();
            float[] expected = values.normal(rows * all);
            MatrixView whole = values.in(expected, rows, all, 2);
            List<MatrixView> parts = Arrays.stream(widths)
                    .mapToObj(width -> values.fresh(rows, width, 1))
                    .toList();
            kernels.split(whole, parts);
            for (int first = 0, part = 0; part < widths.length; first += widths[part], part++) {
                double[] got = values.get(parts.get(part));
                for (int row = 0; row < rows; row++) {
                    int from = row * all + first;
                    assertArrayEquals(
                            Values.widened(Arrays.copyOfRange(expected, from, from + widths[part])),
                            Arrays.copyOfRange(got, row * widths[part], (row + 1) * widths[part]));
                }
            }
            MatrixView again = values.fresh(rows, all, 3);
            kernels.merge(parts, again);
            assertArrayEquals(Values.widened(expected), values.get(again));
        }
    }

    public static void transpose(
            Machine machine,
            ElementwiseKernels kernels,
            ElementType type,
            int batch,
            int rows,
            int columns,
            long seed) {
        try (Values values = new Values(machine, type, seed)) {
            float[] in = values.normal(batch * rows * columns);
            MachineArray out = values.freshRow(in.length);
            kernels.transpose(values.row(in), out, batch, rows, columns);
            float[] expected = new float[in.length];
            for (int n = 0; n < batch; n++) {
                for (int i = 0; i < rows * columns; i++) {
                    expected[(n * columns + i % columns) * rows + i / columns] = in[n * rows * columns + i];
                }
            }
            assertArrayEquals(Values.widened(expected), values.get(out));
        }
    }

    public static IntStream counts() {
        return IntStream.of(0, 1, 255, 257, 3001);
    }

    public static IntStream rowCounts() {
        return IntStream.of(0, 1, 5, 4099);
    }

    /** On either side. */
    public static void maximumOfNaN(Machine machine, ElementwiseKernels kernels, ElementType type) {
        float nan = Float.NaN;
        try (Values values = new Values(machine, type, 15)) {
            MachineArray to = values.freshRow(2);
            kernels.maximum(values.row(nan, 1), values.row(1, nan), to);
            assertArrayEquals(new double[] {nan, nan}, values.get(to));
        }
    }
}
