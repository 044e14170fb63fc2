/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

/** The two 16-bit floating point formats as {@code float}, exactly. */
public final class HalfFloats {
    private HalfFloats() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
    public static float fromF16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wideExponent = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wideExponent << 23 | fraction << 13);
    }

    /** Whether a finite value is one of binary16. */
    static boolean isF16(float value) {
        return Math.abs(value) < 65536
                && Float.floatToRawIntBits(fromF16(toF16(value))) == Float.floatToRawIntBits(value);
    }

    /** The bits of a value {@linkplain #isF16 of binary16}. */
    static short toF16(float value) {
        int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
        int exponent = Math.getExponent(value);
        int magnitude = exponent < -14
                ? (int) (Math.abs(value) * 0x1p24f)
                : ((exponent + 15) << 10) | ((Float.floatToRawIntBits(value) >> 13) & 0x3ff);
        return (short) (sign | magnitude);
    }

    /** Whether a value is one of bfloat16. */
    static boolean isBf16(float value) {
        return (Float.floatToRawIntBits(value) & 0xffff) == 0;
    }

    /** The bits of a value {@linkplain #isBf16 of bfloat16}. */
    static short toBf16(float value) {
        return (short) (Float.floatToRawIntBits(value) >> 16);
    }

    /** bfloat16: the upper half of a {@code float}. */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
