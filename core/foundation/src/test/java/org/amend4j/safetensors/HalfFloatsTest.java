/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {

    @Test
    void everyFiniteHalfComesBackToItsBits() {
        for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
            float half = HalfFloats.fromF16((short) bits);
            if (Float.isFinite(half)) {
                assertTrue(HalfFloats.isF16(half), "F16 " + half);
                assertEquals((short) bits, HalfFloats.toF16(half), "F16 " + half);
            }
            float brain = HalfFloats.fromBf16((short) bits);
            if (Float.isFinite(brain)) {
                assertTrue(HalfFloats.isBf16(brain), "BF16 " + brain);
                assertEquals((short) bits, HalfFloats.toBf16(brain), "BF16 " + brain);
            }
        }
    }

    @Test
    void whatLiesBetweenTwoHalvesIsNone() {
        for (float value :
                new float[] {1 + 0x1p-11f, 65505, 65520, 65536, Float.MAX_VALUE, 0x1.8p-24f, 0x1p-25f, -0x1p-25f}) {
            assertFalse(HalfFloats.isF16(value), "F16 " + value);
        }
        for (float value : new float[] {1 + 0x1p-8f, Float.MIN_VALUE, Float.MAX_VALUE}) {
            assertFalse(HalfFloats.isBf16(value), "BF16 " + value);
        }
        assertTrue(TensorData.ofHalves("x", DType.F16, List.of(1L), new float[] {0.1f})
                .isEmpty());
        assertTrue(TensorData.ofHalves("x", DType.F32, List.of(1L), new float[] {1})
                .isEmpty());
    }
}
