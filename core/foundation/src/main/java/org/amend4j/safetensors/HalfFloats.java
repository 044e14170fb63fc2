/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

/** The two 16-bit floating point formats as {@code float}, exactly. */
final class HalfFloats {
    private HalfFloats() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
    static float fromF16(short bits) {
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

    /** bfloat16: the upper half of a {@code float}. */
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
