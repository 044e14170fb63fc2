/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.kernel.ClippedRows.IN;
import static org.amend4j.cuda.kernel.ClippedRows.OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.machine.ClippingKernels;
import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixOrder;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.ProductPrecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Norms are never below those of the exact gradient and of the device's own, however much cancels, and hardly above; clipping
 * against its definition; planted faults, the plain Gram formula among them, are noticed.
 */
class ClippingKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("clipping");
    private static final double SCALE = 1.75;
    private static final int VOCABULARY = 4;

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(0, 1, 0, 11L),
                Arguments.of(1, 1, 0, 12L),
                Arguments.of(9, 1, 3, 13L),
                Arguments.of(1, 7, 1, 14L),
                Arguments.of(6, 5, 2, 15L));
    }

    static Stream<ClippedRows> rows() {
        return Stream.of(
                ClippedRows.random(3, 16, 21),
                ClippedRows.plain(3, 16, 1e-1, 22),
                ClippedRows.plain(3, 16, 1e-2, 23),
                ClippedRows.plain(3, 16, 1e-3, 24),
                ClippedRows.plain(3, 16, 1e-4, 25),
                ClippedRows.plain(3, 16, 1e-5, 26),
                ClippedRows.plain(3, 16, 0, 27),
                ClippedRows.scaled(2, 5, 1e-25, 1e-3, 28),
                ClippedRows.scaled(2, 5, 1e-30, 1e25, 29),
                ClippedRows.scaled(2, 5, 1e15, 1e12, 30),
                ClippedRows.scaled(2, 1, 1e15, 1e12, 31),
                ClippedRows.scaled(2, 5, 0, 1, 32),
                ClippedRows.mixed(2, 4, 33));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("shapes")
    void normsAreBoundsInEveryShape(int examples, int steps, int gap, long seed) {
        Caught.holds(
                SOURCE, (device, source) -> bounds(device, source, ClippedRows.random(examples, steps, seed), gap));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void normsAreBoundsHoweverMuchCancels(ClippedRows rows) {
        Caught.holds(SOURCE, (device, source) -> bounds(device, source, rows, 0));
    }

    @ParameterizedTest(name = "{0} examples of {1} rows, gap {2}, seed {3}")
    @MethodSource("shapes")
    void weightsAndScaledRowsAreTheirDefinitions(int examples, int steps, int gap, long seed) {
        Caught.holds(SOURCE, (device, source) -> clip(device, source, examples, steps, gap, seed));
    }

    @Test
    void aNormThatIsNotANumberGivesNoWeight() {
        Caught.holds(SOURCE, ClippingKernelsTest::notANumber);
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "no barrier before sums of warps are read",
                        "    __syncthreads();\n    real sum = 0;",
                        "    real sum = 0;"),
                new Fault(
                        "lanes that leave a shuffle out",
                        "return warp_sum(sum);",
                        "return (int)(threadIdx.x % 32) < columns ? warp_sum(sum) : 0;"),
                new Fault("wrong stride", "y + t * y_stride", "y + t * y_columns"),
                new Fault("pairs counted once", "(t == u ? 1.0 : 2.0)", "1.0"),
                new Fault(
                        "last step left out", "pair < (long long)steps * steps", "pair < (long long)steps * steps - 1"),
                new Fault("not added to", "old * old + bound * bound", "0 * old + bound * bound"),
                new Fault("the plain Gram formula", "(FLOAT_ROUNDING * roundings + of_pairs)", "0x1p-80"),
                new Fault("never in double", "if (!(64 * error < sums.squares)) {", "if (false) {"),
                new Fault("underflow of one factor", "#define LEAST_SQUARE 1e-30f", "#define LEAST_SQUARE 0.0f"),
                new Fault("roundings of the gradient not counted", "+ product_error * sums.sizes", ""),
                new Fault("roundings of formed products not counted", "2.0 * product_error", "0.0"),
                new Fault("formed squares that overflow", "squares > 1e-20 && squares < 1e30", "squares > 1e-20"),
                new Fault("formed squares that underflow", "squares > 1e-20 && squares < 1e30", "squares < 1e30"),
                new Fault(
                        "formed with one row's size", "t < steps; t += blockDim.x / 32", "t < 1; t += blockDim.x / 32"),
                new Fault("last weight unwritten", "i < examples; i +=", "i < examples - 1; i +="),
                new Fault("weights above 1", "norms[i] <= bound ? 1.0f : bound", "bound"),
                new Fault(
                        "weight 1 for a NaN",
                        "norms[i] <= bound ? 1.0f : bound / norms[i]",
                        "fminf(1, bound / norms[i])"),
                new Fault("weights by row", "weights[row / steps]", "weights[row % steps]"),
                new Fault(
                        "written in a wrong stride",
                        "out[(long long)row * out_stride + column] = weights",
                        "out[(long long)row * columns + column] = weights"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    void aPlantedFaultIsNoticed(Fault fault) {
        Caught.mustFail(fault, SOURCE, (device, source) -> {
            bounds(device, source, ClippedRows.random(7, 4, 31), 3);
            rows().forEach(rows -> bounds(device, source, rows, 0));
            clip(device, source, 7, 4, 3, 31);
            notANumber(device, source);
        });
    }

    private static void bounds(Device device, KernelSource source, ClippedRows rows, int gap) {
        for (ProductPrecision precision : ProductPrecision.values()) {
            boundsOfProducts(device, source, rows, gap, precision);
        }
        boundsOfSums(device, source, rows, gap);
    }

    private static void boundsOfProducts(
            Device device, KernelSource source, ClippedRows rows, int gap, ProductPrecision precision) {
        try (Values values = new Values(device, 40)) {
            int steps = rows.steps();
            ClippingKernels kernels = new CudaClipping(device, source);
            MatrixView x = values.in(rows.x(), rows.rows(), IN, gap);
            MatrixView y = values.in(rows.y(), rows.rows(), OUT, gap);
            float[] start = start(rows);
            MachineArray ghosts = values.in(start);
            MachineArray formed = values.in(start);
            kernels.addProductNorms(x, y, -SCALE, precision, ghosts, steps);
            MachineArray products = values.fresh((long) rows.examples() * IN * OUT);
            multiply(device, values, rows, 1, precision, products);
            kernels.addFormedNorms(products, x, y, -SCALE, precision, formed, steps);
            double error = ClippingKernels.productError(precision, steps);
            String what = rows + ", " + precision;
            float[] gotGhosts = values.get(ghosts);
            float[] gotFormed = values.get(formed);
            IntToDoubleFunction counted = e -> rows.normOfProduct(e) + rows.sizeOfProduct(e) * error;
            assertBounds(
                    what + ", not formed",
                    gotGhosts,
                    start,
                    SCALE,
                    counted,
                    e -> slack(rows, rows.normOfProduct(e), rows.sizeOfProduct(e)));
            assertBounds(
                    what + ", formed",
                    gotFormed,
                    start,
                    SCALE,
                    counted,
                    e -> 2 * rows.sizeOfProduct(e) * error + 1e-5 * rows.normOfProduct(e));
            for (float weight : new float[] {1, 0.3f, 0.7f}) {
                multiply(device, values, rows, weight, precision, products);
                assertAbove(what + ", weight " + weight, gotGhosts, start, weight, values.get(products));
                assertAbove(what + ", formed, weight " + weight, gotFormed, start, weight, values.get(products));
            }
        }
    }

    /** What is left of norm² under a root with an error of up to 1/64 of it, or of 2⁻⁵²·(steps² + 64) of size². */
    private static double slack(ClippedRows rows, double norm, double size) {
        double inFloat = Math.min(norm / 60, 0x1p-23 * 20 * size * size / Math.max(norm, Double.MIN_NORMAL));
        return inFloat + 2e-8 * (rows.steps() + 8) * size;
    }

    /** Each example's gradient with weighted rows, as the device makes it. */
    private static void multiply(
            Device device, Values values, ClippedRows rows, float weight, ProductPrecision precision, MachineArray to) {
        float[] weighted = new float[rows.y().length];
        for (int i = 0; i < weighted.length; i++) {
            weighted[i] = weight * rows.y()[i];
        }
        MachineArray x = values.in(rows.x());
        MachineArray y = values.in(weighted);
        int steps = rows.steps();
        Gemm product =
                Gemm.contiguous(MatrixOrder.ROWS, true, false, IN, OUT, steps).withPrecision(precision);
        for (int e = 0; e < rows.examples(); e++) {
            device.multiply(
                    product,
                    x.slice((long) e * steps * IN, (long) steps * IN),
                    y.slice((long) e * steps * OUT, (long) steps * OUT),
                    to.slice((long) e * IN * OUT, (long) IN * OUT));
        }
    }

    private static void assertAbove(String what, float[] bounds, float[] start, double weight, float[] products) {
        for (int e = 0; e < bounds.length; e++) {
            double sum = 0;
            for (int i = e * IN * OUT; i < (e + 1) * IN * OUT; i++) {
                sum += (double) products[i] * products[i];
            }
            double norm = Math.hypot(start[e], SCALE * Math.sqrt(sum) / weight);
            assertTrue(norm <= bounds[e], what + ": the device's norm is " + norm + ", its bound " + bounds[e]);
        }
    }

    private static void boundsOfSums(Device device, KernelSource source, ClippedRows rows, int gap) {
        try (Values values = new Values(device, 41)) {
            int steps = rows.steps();
            int[] tokens = values.random().ints(rows.rows(), 0, VOCABULARY).toArray();
            ClippingKernels kernels = new CudaClipping(device, source);
            MatrixView y = values.in(rows.y(), rows.rows(), OUT, gap);
            float[] start = start(rows);
            MachineArray sums = values.in(start);
            MachineArray tables = values.in(start);
            kernels.addSumNorms(y, sums, steps);
            kernels.addTableNorms(values.in(tokens), y, tables, steps);
            double error = ClippingKernels.productError(ProductPrecision.FP32, steps);
            assertBounds(
                    rows + ", sums",
                    values.get(sums),
                    start,
                    1,
                    e -> rows.normOfSum(e) + rows.sizeOfSum(e) * error,
                    e -> slack(rows, rows.normOfSum(e), rows.sizeOfSum(e)));
            IntToDoubleFunction table = e -> rows.normOfTable(e, tokens, VOCABULARY);
            assertBounds(
                    rows + ", tables",
                    values.get(tables),
                    start,
                    1,
                    e -> table.applyAsDouble(e) + rows.sizeOfSum(e) * error,
                    e -> slack(rows, table.applyAsDouble(e), rows.sizeOfSum(e)));
        }
    }

    /** Norms of other parts: none in the first example, about as much as comes in the others. */
    private static float[] start(ClippedRows rows) {
        float[] start = new float[rows.examples()];
        for (int e = 1; e < start.length; e++) {
            start[e] = (float) (e * rows.normOfProduct(e));
        }
        return start;
    }

    /**
     * @param counted the least that a bound must be: the exact norm and what the gradient's own roundings may add
     * @param above what it may be more than that
     */
    private static void assertBounds(
            String what,
            float[] got,
            float[] start,
            double scale,
            IntToDoubleFunction counted,
            IntToDoubleFunction above) {
        for (int e = 0; e < got.length; e++) {
            double norm = counted.applyAsDouble(e);
            double least = Math.hypot(start[e], scale * norm);
            double most = Math.hypot(start[e], scale * (norm + above.applyAsDouble(e))) * (1 + 1e-6);
            assertTrue(
                    least <= got[e] && got[e] <= most,
                    what + ": the bound must be in [" + least + ", " + most + "], got " + got[e]);
        }
    }

    private static void clip(Device device, KernelSource source, int examples, int steps, int gap, long seed) {
        try (Values values = new Values(device, seed)) {
            int rows = examples * steps;
            float[] norms = new float[examples];
            for (int i = 0; i < examples; i++) {
                norms[i] = i == 4 ? 0 : 2 * values.random().nextFloat();
            }
            float[] y = values.normal(rows * OUT);
            MachineArray weights = values.fresh(examples);
            MatrixView scaled = values.fresh(rows, OUT, gap);
            ClippingKernels kernels = new CudaClipping(device, source);
            kernels.clipWeights(values.in(norms), weights, 1.0);
            kernels.scaleRows(values.in(y, rows, OUT, gap), weights, scaled, steps);
            Expected expectedWeights = new Expected(examples);
            Expected expectedRows = new Expected(rows * OUT);
            for (int e = 0; e < examples; e++) {
                double weight = Math.min(1, 1 / Math.max(norms[e], 1e-30));
                expectedWeights.set(e, weight, 4 * Values.UNIT);
                for (int i = e * steps * OUT; i < (e + 1) * steps * OUT; i++) {
                    expectedRows.set(i, weight * y[i], 6 * Values.UNIT * Math.abs(y[i]));
                }
            }
            expectedWeights.compare("weights", values.get(weights));
            expectedRows.compare("scaled rows", values.get(scaled));
        }
    }

    /** A NaN or an infinite number in a row is one in its norm, and no weight makes it finite. */
    private static void notANumber(Device device, KernelSource source) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (Values values = new Values(device, 42)) {
                ClippedRows rows = ClippedRows.random(2, 3, 42);
                rows.y()[rows.steps() * OUT + 5] = bad;
                ClippingKernels kernels = new CudaClipping(device, source);
                MatrixView x = values.in(rows.x(), rows.rows(), IN, 0);
                MatrixView y = values.in(rows.y(), rows.rows(), OUT, 0);
                MachineArray products = values.fresh(2L * IN * OUT);
                multiply(device, values, rows, 1, ProductPrecision.FP32, products);
                List<MachineArray> all =
                        List.of(values.in(new float[2]), values.in(new float[2]), values.in(new float[2]));
                kernels.addProductNorms(x, y, 1, ProductPrecision.FP32, all.get(0), rows.steps());
                kernels.addFormedNorms(products, x, y, 1, ProductPrecision.FP32, all.get(1), rows.steps());
                kernels.addSumNorms(y, all.get(2), rows.steps());
                for (MachineArray norms : all) {
                    float[] got = values.get(norms);
                    assertTrue(Float.isFinite(got[0]) && !Float.isFinite(got[1]), got[0] + ", " + got[1]);
                    MachineArray weights = values.fresh(2);
                    MatrixView scaled = values.fresh(rows.rows(), OUT, 0);
                    kernels.clipWeights(norms, weights, 1);
                    kernels.scaleRows(y, weights, scaled, rows.steps());
                    assertEquals(Float.NaN, values.get(scaled)[rows.steps() * OUT + 5]);
                }
            }
        }
    }
}
