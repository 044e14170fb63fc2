/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.ClippedRows.IN;
import static org.amend4j.internal.backend.ClippedRows.OUT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Norms are never below those of the exact gradient and of the device's own, however much cancels, and hardly above; clipping
 * against its definition.
 */
public final class ClippingLaws {

    private static final double SCALE = 1.75;
    private static final int VOCABULARY = 4;

    private ClippingLaws() {}

    public static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(0, 1, 0, 11L),
                Arguments.of(1, 1, 0, 12L),
                Arguments.of(9, 1, 3, 13L),
                Arguments.of(1, 7, 1, 14L),
                Arguments.of(6, 5, 2, 15L));
    }

    public static Stream<ClippedRows> rows() {
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

    /**
     * Norms are bounds.
     *
     * @param precisions that the machine multiplies in
     */
    public static void bounds(
            Machine machine,
            ClippingKernels kernels,
            ElementType type,
            Collection<ProductPrecision> precisions,
            ClippedRows rows,
            int gap) {
        for (ProductPrecision precision : precisions) {
            boundsOfProducts(machine, kernels, type, rows, gap, precision);
        }
        boundsOfSums(machine, kernels, type, rows, gap);
    }

    private static void boundsOfProducts(
            Machine machine,
            ClippingKernels kernels,
            ElementType type,
            ClippedRows rows,
            int gap,
            ProductPrecision precision) {
        try (Values values = new Values(machine, type, 40)) {
            int steps = rows.steps();
            MatrixView x = values.in(rows.x(), rows.rows(), IN, gap);
            MatrixView y = values.in(rows.y(), rows.rows(), OUT, gap);
            float[] start = start(rows);
            MachineArray ghosts = values.in(start);
            MachineArray formed = values.in(start);
            kernels.addProductNorms(x, y, -SCALE, precision, ghosts, steps);
            MachineArray products = values.fresh((long) rows.examples() * IN * OUT);
            multiply(machine, values, rows, 1, precision, products);
            kernels.addFormedNorms(products, x, y, -SCALE, precision, formed, steps);
            double error = ClippingKernels.productError(precision, steps);
            String what = rows + ", " + precision;
            double[] gotGhosts = values.get(ghosts);
            double[] gotFormed = values.get(formed);
            Limits limits = new Limits(
                    type,
                    e -> start[e],
                    SCALE,
                    error,
                    rows::normOfProduct,
                    rows::sizeOfProduct,
                    rows::squaresOfProduct);
            limits.check(
                    what + ", not formed", gotGhosts, e -> slack(rows, rows.normOfProduct(e), rows.sizeOfProduct(e)));
            limits.check(
                    what + ", formed",
                    gotFormed,
                    e -> 2 * rows.sizeOfProduct(e) * error + 1e-5 * rows.normOfProduct(e));
            for (float weight : new float[] {1, 0.3f, 0.7f}) {
                multiply(machine, values, rows, weight, precision, products);
                BigDecimal[] squares = squares(values.get(products), weight, rows.examples());
                for (int e = 0; e < rows.examples(); e++) {
                    assertNorm(what + ", weight " + weight, gotGhosts[e], start[e], squares[e]);
                    assertNorm(what + ", formed, weight " + weight, gotFormed[e], start[e], squares[e]);
                }
            }
        }
    }

    /** What is left of norm² under a root with an error of up to 1/64 of it, or of 2⁻⁵²·(steps² + 64) of size². */
    private static double slack(ClippedRows rows, double norm, double size) {
        double inFloat = Math.min(norm / 60, 0x1p-23 * 20 * size * size / Math.max(norm, Double.MIN_NORMAL));
        return inFloat + 2e-8 * (rows.steps() + 8) * size;
    }

    /** Each example's gradient with weighted rows, as the machine makes it. */
    private static void multiply(
            Machine machine,
            Values values,
            ClippedRows rows,
            float weight,
            ProductPrecision precision,
            MachineArray to) {
        double[] weighted = new double[rows.y().length];
        for (int i = 0; i < weighted.length; i++) {
            weighted[i] = (double) weight * rows.y()[i];
        }
        MachineArray x = values.in(rows.x());
        MachineArray y = values.in(weighted);
        int steps = rows.steps();
        Gemm product =
                Gemm.contiguous(MatrixOrder.ROWS, true, false, IN, OUT, steps).withPrecision(precision);
        for (int e = 0; e < rows.examples(); e++) {
            machine.multiply(
                    product,
                    x.slice((long) e * steps * IN, (long) steps * IN),
                    y.slice((long) e * steps * OUT, (long) steps * OUT),
                    to.slice((long) e * IN * OUT, (long) IN * OUT));
        }
    }

    /** The squared norms of the machine's own gradients, whose rows were weighted. */
    private static BigDecimal[] squares(double[] products, double weight, int examples) {
        BigDecimal factor = new BigDecimal(SCALE).pow(2).divide(new BigDecimal(weight).pow(2), MathContext.DECIMAL128);
        BigDecimal[] squares = new BigDecimal[examples];
        for (int e = 0; e < examples; e++) {
            BigDecimal sum = BigDecimal.ZERO;
            for (int i = e * IN * OUT; i < (e + 1) * IN * OUT; i++) {
                sum = sum.add(new BigDecimal(products[i]).pow(2));
            }
            squares[e] = factor.multiply(sum);
        }
        return squares;
    }

    private static void boundsOfSums(
            Machine machine, ClippingKernels kernels, ElementType type, ClippedRows rows, int gap) {
        try (Values values = new Values(machine, type, 41)) {
            int steps = rows.steps();
            int[] tokens = values.random().ints(rows.rows(), 0, VOCABULARY).toArray();
            MatrixView y = values.in(rows.y(), rows.rows(), OUT, gap);
            float[] start = start(rows);
            MachineArray sums = values.in(start);
            MachineArray tables = values.in(start);
            kernels.addSumNorms(y, sums, steps);
            kernels.addTableNorms(values.in(tokens), y, -SCALE, tables, steps);
            double error = ClippingKernels.productError(ProductPrecision.FP32, steps);
            new Limits(
                            type,
                            e -> start[e],
                            1,
                            error,
                            rows::normOfSum,
                            rows::sizeOfSum,
                            e -> rows.squaresOfTable(e, new int[rows.rows()], 1))
                    .check(rows + ", sums", values.get(sums), e -> slack(rows, rows.normOfSum(e), rows.sizeOfSum(e)));
            IntToDoubleFunction table = e -> rows.normOfTable(e, tokens, VOCABULARY);
            new Limits(
                            type,
                            e -> start[e],
                            SCALE,
                            error,
                            table,
                            rows::sizeOfSum,
                            e -> rows.squaresOfTable(e, tokens, VOCABULARY))
                    .check(
                            rows + ", tables",
                            values.get(tables),
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
     * What a bound may be.
     *
     * @param start norms of other parts
     * @param error how far single precision may put a gradient off, by its size
     * @param norm of the exact gradient, computed in doubles
     * @param size the sum of the norms of what the gradient is a sum of
     * @param squares the square of the exact gradient's norm
     */
    private record Limits(
            ElementType type,
            IntToDoubleFunction start,
            double scale,
            double error,
            IntToDoubleFunction norm,
            IntToDoubleFunction size,
            IntFunction<BigDecimal> squares) {

        /** In doubles a bound may be taken as in floats, which lie further apart. */
        private double most(int e, double above) {
            double counted = norm.applyAsDouble(e) + size.applyAsDouble(e) * error;
            return Math.hypot(start.applyAsDouble(e), scale * (counted + above)) * (1 + 1e-6);
        }

        /** No less than the exact norm; in floats also than what the gradient's own roundings may add. */
        private void checkLeast(String what, int e, double got) {
            if (type == ElementType.FLOAT) {
                double counted = norm.applyAsDouble(e) + size.applyAsDouble(e) * error;
                double least = Math.hypot(start.applyAsDouble(e), scale * counted);
                assertTrue(least <= got, what + ": the bound must be at least " + least + ", got " + got);
            } else {
                assertNorm(
                        what,
                        got,
                        start.applyAsDouble(e),
                        new BigDecimal(scale).pow(2).multiply(squares.apply(e)));
            }
        }

        /** @param above what a bound may be more than it must */
        void check(String what, double[] got, IntToDoubleFunction above) {
            for (int e = 0; e < got.length; e++) {
                double most = most(e, above.applyAsDouble(e));
                assertTrue(got[e] <= most, what + ": the bound must be at most " + most + ", got " + got[e]);
                checkLeast(what, e, got[e]);
            }
        }
    }

    /** bound ≥ √(start² + squares), without a rounding. */
    private static void assertNorm(String what, double bound, double start, BigDecimal squares) {
        BigDecimal square = new BigDecimal(start).pow(2).add(squares);
        assertTrue(
                Double.isFinite(bound) && new BigDecimal(bound).pow(2).compareTo(square) >= 0,
                () -> what + ": the bound must be at least " + square.sqrt(MathContext.DECIMAL64) + ", got " + bound);
    }

    public static void clip(
            Machine machine, ClippingKernels kernels, ElementType type, int examples, int steps, int gap, long seed) {
        try (Values values = new Values(machine, type, seed)) {
            int rows = examples * steps;
            float[] norms = new float[examples];
            for (int i = 0; i < examples; i++) {
                norms[i] = i == 4 ? 0 : 2 * values.random().nextFloat();
            }
            float[] y = values.normal(rows * OUT);
            MachineArray weights = values.fresh(examples);
            MatrixView scaled = values.fresh(rows, OUT, gap);
            kernels.clipWeights(values.in(norms), weights, 1.0);
            kernels.scaleRows(values.in(y, rows, OUT, gap), weights, scaled, steps);
            Expected expectedWeights = new Expected(examples);
            Expected expectedRows = new Expected(rows * OUT);
            for (int e = 0; e < examples; e++) {
                double weight = Math.min(1, 1 / Math.max(norms[e], 1e-30));
                expectedWeights.set(e, weight, 4 * values.unit());
                for (int i = e * steps * OUT; i < (e + 1) * steps * OUT; i++) {
                    expectedRows.set(i, weight * y[i], 6 * values.unit() * Math.abs(y[i]));
                }
            }
            expectedWeights.compare("weights", values.get(weights));
            expectedRows.compare("scaled rows", values.get(scaled));
        }
    }

    /** A weight near the smallest normal number is none: roundings would be a large part of it. */
    public static void tinyWeights(Machine machine, ClippingKernels kernels, ElementType type) {
        boolean wide = type == ElementType.DOUBLE;
        double least = wide ? ClippingKernels.LEAST_WEIGHT_OF_DOUBLES : ClippingKernels.LEAST_WEIGHT;
        double bound = Math.sqrt(least);
        try (Values values = new Values(machine, type, 43)) {
            double[] norms = {bound / 2, 0.9 / bound, 1.1 / bound, 1e3 / bound, Double.POSITIVE_INFINITY, Double.NaN};
            MachineArray weights = values.fresh(norms.length);
            kernels.clipWeights(values.in(norms), weights, bound);
            double[] got = values.get(weights);
            assertEquals(1, got[0]);
            assertEquals(least / 0.9, got[1], 1e-6 * least);
            assertArrayEquals(new double[] {0, 0, 0, Double.NaN}, Arrays.copyOfRange(got, 2, 6));
        }
    }

    /** A NaN or an infinite number in a row is one in its norm, and no weight makes it finite. */
    public static void notANumber(Machine machine, ClippingKernels kernels, ElementType type) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (Values values = new Values(machine, type, 42)) {
                ClippedRows rows = ClippedRows.random(2, 3, 42);
                rows.y()[rows.steps() * OUT + 5] = bad;
                MatrixView x = values.in(rows.x(), rows.rows(), IN, 0);
                MatrixView y = values.in(rows.y(), rows.rows(), OUT, 0);
                MachineArray products = values.fresh(2L * IN * OUT);
                multiply(machine, values, rows, 1, ProductPrecision.FP32, products);
                List<MachineArray> all =
                        List.of(values.in(new float[2]), values.in(new float[2]), values.in(new float[2]));
                kernels.addProductNorms(x, y, 1, ProductPrecision.FP32, all.get(0), rows.steps());
                kernels.addFormedNorms(products, x, y, 1, ProductPrecision.FP32, all.get(1), rows.steps());
                kernels.addSumNorms(y, all.get(2), rows.steps());
                for (MachineArray norms : all) {
                    double[] got = values.get(norms);
                    assertTrue(Double.isFinite(got[0]) && !Double.isFinite(got[1]), got[0] + ", " + got[1]);
                    MachineArray weights = values.fresh(2);
                    MatrixView scaled = values.fresh(rows.rows(), OUT, 0);
                    kernels.clipWeights(norms, weights, 1);
                    kernels.scaleRows(y, weights, scaled, rows.steps());
                    assertEquals(Double.NaN, values.get(scaled)[rows.steps() * OUT + 5]);
                }
            }
        }
    }
}
