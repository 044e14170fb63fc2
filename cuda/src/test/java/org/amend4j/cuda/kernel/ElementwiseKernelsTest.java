/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.ElementwiseKernels;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Elementwise vertices, merging, splitting and transposing against their definitions; planted faults are noticed. */
class ElementwiseKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("elementwise");

    @ParameterizedTest(name = "{0} elements, seed 11")
    @ValueSource(ints = {0, 1, 255, 257, 3001})
    void sumsAndProductsAreTheirDefinitions(int count) {
        Caught.holds(SOURCE, (device, source) -> arithmetic(device, source, count, 11));
    }

    @ParameterizedTest(name = "{0} elements, seed 14")
    @ValueSource(ints = {0, 1, 255, 257, 3001})
    void aMaximumIsTheGreaterAndItsGradientGoesThere(int count) {
        Caught.holds(SOURCE, (device, source) -> maximum(device, source, count, 14));
    }

    @Test
    void aNaNIsTheMaximumOnEitherSide() {
        float nan = Float.NaN;
        Caught.holds(SOURCE, (device, source) -> {
            try (Values values = new Values(device, 15)) {
                MachineArray to = values.fresh(2);
                new CudaElementwise(device, source)
                        .maximum(values.in(new float[] {nan, 1}), values.in(new float[] {1, nan}), to);
                assertArrayEquals(new float[] {nan, nan}, values.get(to));
            }
        });
    }

    @ParameterizedTest(name = "{0} rows, seed 12")
    @ValueSource(ints = {0, 1, 5, 4099})
    void mergingAndSplittingMoveEveryElement(int rows) {
        Caught.holds(SOURCE, (device, source) -> merge(device, source, rows, 12));
    }

    static Stream<Arguments> matrices() {
        return Stream.of(
                Arguments.of(0, 3, 4),
                Arguments.of(1, 1, 1),
                Arguments.of(2, 1, 50),
                Arguments.of(3, 33, 65),
                Arguments.of(5, 31, 7));
    }

    @ParameterizedTest(name = "{0} of {1} x {2}, seed 13")
    @MethodSource("matrices")
    void transposingMovesEveryElement(int batch, int rows, int columns) {
        Caught.holds(SOURCE, (device, source) -> transpose(device, source, batch, rows, columns, 13));
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "last sum left out",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        out[i] = b",
                        "i < count - 1; i += (long long)gridDim.x * blockDim.x) {\n        out[i] = b"),
                new Fault(
                        "product written behind the end",
                        "i < count; i += (long long)gridDim.x * blockDim.x) {\n        out[i] = a",
                        "i <= count; i += (long long)gridDim.x * blockDim.x) {\n        out[i] = a"),
                new Fault("ties to the second", "return a >= b ||", "return a > b ||"),
                new Fault("gradient to both", "to_b[i] = first ? 0.0f : d;", "to_b[i] = d;"),
                new Fault("nothing for the other", "to_a[i] = first ? d : 0.0f;", "if (first) to_a[i] = d;"),
                new Fault(
                        "the lesser",
                        "first_is_greater(a[i], b[i]) ? a[i] : b[i]",
                        "first_is_greater(a[i], b[i]) ? b[i] : a[i]"),
                new Fault(
                        "wrong stride of the merged rows",
                        "out[(long long)row * out_stride + column] = in",
                        "out[(long long)row * columns + column] = in"),
                new Fault(
                        "no barrier after loading the tile",
                        "        __syncthreads();\n        for (int i = y;",
                        "        for (int i = y;"),
                new Fault(
                        "no barrier before the next tile",
                        "        __syncthreads();  // the tile is written again\n",
                        ""),
                new Fault("shared memory overrun", "tile[i * (SIDE + 1) + x] = in", "tile[i * (SIDE + 2) + x] = in"),
                new Fault(
                        "last row of a tile unwritten",
                        "if (left + i < columns && top + x < rows)",
                        "if (left + i < columns - 1 && top + x < rows)"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            arithmetic(device, source, 300, 31);
            maximum(device, source, 300, 31);
            merge(device, source, 5, 31);
            transpose(device, source, 3, 40, 40, 31);
            transpose(device, source, 4098, 2, 2, 31); // blocks come back for another tile
        });
    }

    private static void arithmetic(Device device, KernelSource source, int count, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] a = values.normal(count);
            float[] b = values.normal(count);
            MachineArray sum = values.fresh(count);
            MachineArray product = values.fresh(count);
            MachineArray scaled = values.in(a);
            ElementwiseKernels kernels = new CudaElementwise(device, source);
            MachineArray deviceA = values.in(a);
            MachineArray deviceB = values.in(b);
            kernels.scaledSum(deviceA, 0.7, deviceB, -1.3, sum);
            kernels.product(deviceA, deviceB, product);
            kernels.scale(scaled, 0.7, scaled);
            Expected toSum = new Expected(count);
            Expected toProduct = new Expected(count);
            Expected toScaled = new Expected(count);
            for (int i = 0; i < count; i++) {
                toSum.set(i, 0.7 * a[i] - 1.3 * b[i], 4 * Values.UNIT * (Math.abs(a[i]) + 2 * Math.abs(b[i])));
                toProduct.set(i, (double) a[i] * b[i], Values.UNIT * Math.abs(a[i] * b[i]) + Float.MIN_NORMAL);
                toScaled.set(i, 0.7 * a[i], 2 * Values.UNIT * Math.abs(a[i]));
            }
            toSum.compare("sum", values.get(sum));
            toProduct.compare("product", values.get(product));
            toScaled.compare("scaled in place", values.get(scaled));
        }
    }

    private static void maximum(Device device, KernelSource source, int count, long seed) {
        try (Values values = new Values(device, seed)) {
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
            ElementwiseKernels kernels = new CudaElementwise(device, source);
            MachineArray deviceA = values.in(a);
            MachineArray deviceB = values.in(b);
            MachineArray deviceDelta = values.in(delta);
            MachineArray out = values.fresh(count);
            MachineArray gradientB = values.fresh(count);
            kernels.maximum(deviceA, deviceB, out);
            kernels.maximumGradient(deviceDelta, deviceA, deviceB, deviceA, gradientB);
            assertArrayEquals(expected, values.get(out));
            assertArrayEquals(toA, values.get(deviceA));
            assertArrayEquals(toB, values.get(gradientB));
        }
    }

    private static void merge(Device device, KernelSource source, int rows, long seed) {
        try (Values values = new Values(device, seed)) {
            int[] widths = {3, 1, 0, 40};
            int all = Arrays.stream(widths).sum();
            float[] expected = values.normal(rows * all);
            ElementwiseKernels kernels = new CudaElementwise(device, source);
            MatrixView whole = values.in(expected, rows, all, 2);
            List<MatrixView> parts = Arrays.stream(widths)
                    .mapToObj(width -> values.fresh(rows, width, 1))
                    .toList();
            kernels.split(whole, parts);
            for (int first = 0, part = 0; part < widths.length; first += widths[part], part++) {
                float[] got = values.get(parts.get(part));
                for (int row = 0; row < rows; row++) {
                    int from = row * all + first;
                    assertArrayEquals(
                            Arrays.copyOfRange(expected, from, from + widths[part]),
                            Arrays.copyOfRange(got, row * widths[part], (row + 1) * widths[part]));
                }
            }
            MatrixView again = values.fresh(rows, all, 3);
            kernels.merge(parts, again);
            assertArrayEquals(expected, values.get(again));
        }
    }

    private static void transpose(Device device, KernelSource source, int batch, int rows, int columns, long seed) {
        try (Values values = new Values(device, seed)) {
            float[] in = values.normal(batch * rows * columns);
            MachineArray out = values.fresh(in.length);
            new CudaElementwise(device, source).transpose(values.in(in), out, batch, rows, columns);
            float[] expected = new float[in.length];
            for (int n = 0; n < batch; n++) {
                for (int i = 0; i < rows * columns; i++) {
                    expected[(n * columns + i % columns) * rows + i / columns] = in[n * rows * columns + i];
                }
            }
            assertArrayEquals(expected, values.get(out));
        }
    }
}
