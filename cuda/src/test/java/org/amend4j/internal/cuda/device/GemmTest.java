/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.internal.backend.FrozenContract;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.ProductContract;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices multiply as machines do, and what is theirs alone: precisions, and factors stored in bfloat16. */
@OneIn(3)
class GemmTest implements ProductContract, FrozenContract {

    @Override
    public Machine open() {
        return LawDevices.plain();
    }

    @Override
    public List<ProductPrecision> precisions() {
        return List.of(ProductPrecision.values());
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
    @MethodSource("org.amend4j.internal.backend.ProductContract#products")
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

    /** Sums of whole numbers, which are exact in floats: their rounding is what is seen. */
    @ParameterizedTest(name = "{0}, seed 6")
    @MethodSource("org.amend4j.internal.backend.ProductContract#products")
    void aResultInBfloat16IsThatInFloatsRoundedOnce(Gemm product) {
        Random random = new Random(6);
        float[] a = whole(random, product.extentA());
        float[] b = whole(random, product.extentB());
        float[] c = whole(random, product.extentC());
        Gemm rounded = product.withPrecision(ProductPrecision.BF16);
        try (Device device = LawDevices.plain();
                MachineArray halvesA = device.allocate("a", ElementType.BFLOAT16, a.length);
                MachineArray halvesB = device.allocate("b", ElementType.BFLOAT16, b.length);
                MachineArray halvesC = device.allocate("c", ElementType.BFLOAT16, c.length);
                MachineArray expected = device.allocate("c", c);
                MachineArray again = device.allocate("c", ElementType.BFLOAT16, c.length)) {
            device.uploadRounded(a, halvesA);
            device.uploadRounded(b, halvesB);
            device.uploadRounded(c, halvesC);
            device.multiply(rounded, halvesA, halvesB, expected);
            device.multiply(rounded, halvesA, halvesB, halvesC);
            device.uploadRounded(device.downloadFloats(expected), again);
            assertEquals(bytes(device, again), bytes(device, halvesC));
        }
    }

    private static ByteBuffer bytes(Device device, MachineArray array) {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) array.length() * Short.BYTES);
        device.download(array, bytes);
        return bytes.rewind();
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
            refused("matrix C needs 4 floats", () -> device.multiply(rounded, floats, floats, halves));
            refused("matrix C overlaps A", () -> device.multiply(rounded, halves, halves, halves));
            refused("must be BFLOAT16[4]", () -> device.uploadRounded(new float[4], floats));
        }
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
}
