/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixOrder;
import org.amend4j.machine.ProductPrecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrix products against loops in double: orders, transposes, gaps, factors, precisions. */
class GemmTest {

    private static final double UNIT = Math.scalb(1.0, -24);
    private static final float MARK = 9.5f;

    static List<Gemm> products() {
        List<Gemm> products = new ArrayList<>();
        for (MatrixOrder order : MatrixOrder.values()) {
            for (boolean transposeA : new boolean[] {false, true}) {
                for (boolean transposeB : new boolean[] {false, true}) {
                    Gemm plain = Gemm.contiguous(order, transposeA, transposeB, 13, 7, 33);
                    products.add(plain);
                    products.add(plain.withFactors(-0.75f, 0.5f)
                            .withLeading(plain.leadingA() + 3, plain.leadingB() + 1, plain.leadingC() + 2));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 1, 5, 0)
                            .withFactors(1, 0.5f));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 0, 5, 3));
                    products.add(Gemm.contiguous(order, transposeA, transposeB, 1, 1, 1));
                }
            }
        }
        return products;
    }

    @ParameterizedTest(name = "{0}, seed 11")
    @MethodSource("products")
    void aProductIsItsDefinition(Gemm product) {
        for (ProductPrecision precision : ProductPrecision.values()) {
            check(product.withPrecision(precision), 11);
        }
    }

    /** A factor with more bits than a precision keeps must be rounded, to even from half way; one with fewer must not. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"FP32", "TF32", "BF16"})
    void factorsAreRoundedAsAskedAndNotOtherwise(String name) {
        ProductPrecision precision = ProductPrecision.valueOf(name);
        double last = Math.scalb(1.0, -dropped(precision, 23, 10, 7));
        assertEquals(1 + last, product(precision, 1 + last));
        if (precision != ProductPrecision.FP32) {
            assertEquals(1, product(precision, 1 + last / 2));
            assertEquals(1 + 2 * last, product(precision, 1 + last * 1.5));
            assertEquals(1 + last, product(precision, 1 + last * 0.53125));
            assertEquals(Double.POSITIVE_INFINITY, product(precision, Float.POSITIVE_INFINITY));
            assertTrue(Double.isNaN(product(precision, Float.NaN)));
        }
    }

    /** Factors that bfloat16 holds exactly: whoever stores them so gets the bytes of who stores them as floats. */
    @ParameterizedTest(name = "{0}, seed 5")
    @MethodSource("products")
    void factorsStoredInBfloat16AreTheSameFactors(Gemm product) {
        Random random = new Random(5);
        float[] a = whole(random, product.extentA());
        float[] b = whole(random, product.extentB());
        float[] c = whole(random, product.extentC());
        Gemm rounded = product.withPrecision(ProductPrecision.BF16);
        try (Device device = LawDevices.plain();
                MachineArray floatsA = device.allocate("a", a);
                MachineArray floatsB = device.allocate("b", b);
                MachineArray halvesA = device.allocate("a", ElementType.BFLOAT16, a.length);
                MachineArray halvesB = device.allocate("b", ElementType.BFLOAT16, b.length);
                MachineArray expected = device.allocate("c", c);
                MachineArray actual = device.allocate("c", c)) {
            device.uploadRounded(a, halvesA);
            device.uploadRounded(b, halvesB);
            device.multiply(rounded, floatsA, floatsB, expected);
            device.multiply(rounded, halvesA, halvesB, actual);
            assertArrayEquals(device.downloadFloats(expected), device.downloadFloats(actual), 0);
        }
    }

    /** Integers up to 255, sums of which floats hold exactly: the order of sums does not matter. */
    private static float[] whole(Random random, long length) {
        float[] values = new float[(int) length];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(511) - 255;
        }
        return values;
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource({
        "1.00390625, 1", // half way: to even
        "1.01171875, 1.015625",
        "1.00390637, 1.0078125",
        "-1.00390637, -1.0078125",
        "3.4028235e38, Infinity",
        "NaN, NaN"
    })
    void storingInBfloat16RoundsToNearestEven(float value, float expected) {
        try (Device device = LawDevices.plain();
                MachineArray a = device.allocate("a", ElementType.BFLOAT16, 1);
                MachineArray one = device.allocate("b", ElementType.BFLOAT16, 1);
                MachineArray c = device.allocate("c", ElementType.FLOAT, 1)) {
            device.uploadRounded(new float[] {value}, a);
            device.uploadRounded(new float[] {1}, one);
            device.multiply(Gemm.rows(1, 1, 1).withPrecision(ProductPrecision.BF16), a, one, c);
            assertEquals(expected, device.downloadFloats(c)[0]);
        }
    }

    @Test
    void bfloat16IsForFactorsOfItsOwnPrecisionOnly() {
        try (Device device = EmulatedDevices.plain();
                MachineArray halves = device.allocate("a", ElementType.BFLOAT16, 4);
                MachineArray floats = device.allocate("b", ElementType.FLOAT, 4);
                MachineArray c = device.allocate("c", ElementType.FLOAT, 4)) {
            Gemm product = Gemm.rows(2, 2, 2);
            Gemm rounded = product.withPrecision(ProductPrecision.BF16);
            refused("must be in precision BF16, got FP32", () -> device.multiply(product, halves, halves, c));
            refused("matrix B needs 4 bfloat16", () -> device.multiply(rounded, halves, floats, c));
            refused("matrix B needs 4 floats", () -> device.multiply(rounded, floats, halves, c));
            refused("matrix C needs 4 floats", () -> device.multiply(rounded, halves, halves, halves));
            refused("must be BFLOAT16[4]", () -> device.uploadRounded(new float[4], floats));
        }
    }

    @Test
    void oldContentsAreNotReadWithoutBeta() {
        try (Device device = LawDevices.plain();
                MachineArray a = device.allocate("a", new float[] {2});
                MachineArray c = device.allocate("c", new float[] {Float.NaN})) {
            device.multiply(Gemm.rows(1, 1, 1), a, a, c);
            assertEquals(4, device.downloadFloats(c)[0]);
        }
    }

    @Test
    void badShapesAreRefused() {
        try (Device device = EmulatedDevices.plain();
                MachineArray a = device.allocate("a", ElementType.FLOAT, 6);
                MachineArray b = device.allocate("b", ElementType.FLOAT, 6)) {
            refused("matrix A needs 8 floats", () -> device.multiply(Gemm.rows(2, 1, 4), a, b, b));
            refused("matrix C overlaps A", () -> device.multiply(Gemm.rows(2, 2, 2), a, b, a.slice(2, 4)));
            refused("matrix C overlaps B", () -> device.multiply(Gemm.rows(2, 2, 2), a, b, b));
            refused(
                    "leading dimension of B must be >= 3",
                    () -> Gemm.rows(2, 3, 4).withLeading(4, 2, 3));
            refused("k must be >= 0, got -1", () -> Gemm.rows(1, 1, -1));
            refused("alpha must be finite", () -> Gemm.rows(1, 1, 1).withFactors(Float.NaN, 0));
        }
    }

    private static void refused(String part, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static double product(ProductPrecision precision, double factor) {
        try (Device device = EmulatedDevices.plain();
                MachineArray a = device.allocate("a", new float[] {(float) factor});
                MachineArray b = device.allocate("b", new float[] {1});
                MachineArray c = device.allocate("c", ElementType.FLOAT, 1)) {
            device.multiply(Gemm.rows(1, 1, 1).withPrecision(precision), a, b, c);
            return device.downloadFloats(c)[0];
        }
    }

    private static int dropped(ProductPrecision precision, int fp32, int tf32, int bf16) {
        return switch (precision) {
            case FP32 -> fp32;
            case TF32 -> tf32;
            case BF16 -> bf16;
        };
    }

    private static void check(Gemm product, long seed) {
        Random random = new Random(seed);
        float[] a = normal(random, product.extentA());
        float[] b = normal(random, product.extentB());
        float[] c = normal(random, product.extentC());
        float[] got;
        try (Device device = LawDevices.plain();
                MachineArray wholeA = device.allocate("a", ElementType.FLOAT, a.length + 1);
                MachineArray deviceB = device.allocate("b", b);
                MachineArray deviceC = device.allocate("c", c)) {
            MachineArray deviceA = wholeA.slice(1, a.length);
            device.upload(a, deviceA);
            device.multiply(product, deviceA, deviceB, deviceC);
            got = device.downloadFloats(deviceC);
        }
        // Each factor is rounded once (not at all in FP32), then k products and sums in single precision.
        double unit = (product.k() + 4) * UNIT + 2.01 * Math.scalb(1.0, -1 - dropped(product.precision(), 60, 10, 7));
        for (int i = 0; i < product.m(); i++) {
            for (int j = 0; j < product.n(); j++) {
                int place = place(product.order(), product.leadingC(), i, j);
                double sum = product.beta() == 0 ? 0 : product.beta() * c[place];
                double size = Math.abs(sum);
                for (int l = 0; l < product.k(); l++) {
                    double term = product.alpha()
                            * a[element(product.order(), product.leadingA(), product.transposeA(), i, l)]
                            * b[element(product.order(), product.leadingB(), product.transposeB(), l, j)];
                    sum += term;
                    size += Math.abs(term);
                }
                if (!(Math.abs(sum - got[place]) <= unit * size)) {
                    fail("C[" + i + ", " + j + "] must be " + sum + ", got " + got[place]);
                }
                c[place] = MARK;
                got[place] = MARK;
            }
        }
        for (int i = 0; i < c.length; i++) {
            assertEquals(c[i], got[i], "the gaps of C must stay");
        }
    }

    private static int element(MatrixOrder order, int leading, boolean transposed, int row, int column) {
        return transposed ? place(order, leading, column, row) : place(order, leading, row, column);
    }

    private static int place(MatrixOrder order, int leading, int row, int column) {
        return order == MatrixOrder.ROWS ? row * leading + column : column * leading + row;
    }

    private static float[] normal(Random random, long length) {
        float[] values = new float[(int) length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
