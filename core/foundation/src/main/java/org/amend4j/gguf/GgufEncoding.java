/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;

/** Blocks of values, rounded as llama.cpp's tools round them: the bytes are equal. */
final class GgufEncoding {

    private static final int SMALL = 32;
    private static final float LARGEST_HALF = 65504;

    /** Below it, 1/d is no finite number in single precision. */
    private static final float LEAST_SCALE = 3e-39f;

    private GgufEncoding() {}

    /**
     * Writes a block.
     *
     * @param from the first of its values
     * @throws IllegalArgumentException if the type cannot hold them; the message follows a name
     */
    static void block(GgufType type, float[] values, int from, ByteBuffer out) {
        switch (type) {
            case F32 -> out.putFloat(finite(values[from]));
            case F16 -> out.putShort(half(values[from]));
            case Q8_0 -> q80(values, from, out);
            case Q4_0 -> q40(values, from, out);
            default -> throw new IllegalArgumentException("cannot be written as " + type);
        }
    }

    private static float finite(float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("must have finite values, got " + value);
        }
        return value;
    }

    private static void q80(float[] x, int from, ByteBuffer out) {
        float largest = 0;
        for (int i = from; i < from + SMALL; i++) {
            largest = Math.max(largest, Math.abs(finite(x[i])));
        }
        float d = largest / 127;
        float inverse = d < LEAST_SCALE ? 0 : 1 / d;
        out.putShort(half(d));
        for (int i = from; i < from + SMALL; i++) {
            out.put((byte) halvesAway(x[i] * inverse));
        }
    }

    /** Math.round takes halves up. */
    private static float halvesAway(float value) {
        float whole = (float) Math.floor(Math.abs(value));
        float rounded = whole + (float) Math.floor(2 * (Math.abs(value) - whole));
        return Math.signum(value) * rounded;
    }

    private static void q40(float[] x, int from, ByteBuffer out) {
        float largest = finite(x[from]); // the first of them, with its sign
        for (int i = from; i < from + SMALL; i++) {
            if (Math.abs(finite(x[i])) > Math.abs(largest)) {
                largest = x[i];
            }
        }
        float d = largest / -8;
        float inverse = Math.abs(d) < LEAST_SCALE ? 0 : 1 / d;
        out.putShort(half(d));
        for (int i = from; i < from + SMALL / 2; i++) {
            out.put((byte) (nibble(x[i] * inverse) | (nibble(x[i + SMALL / 2] * inverse) << 4)));
        }
    }

    private static int nibble(float value) {
        return Math.min(15, (int) (value + 8.5f));
    }

    /** The nearest of binary16, of two the even one. */
    static short half(float value) {
        finite(value);
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        double magnitude = Math.abs((double) value);
        int exponent = Math.max(-14, Math.getExponent((float) magnitude));
        double unit = Math.scalb(1.0, exponent - 10);
        double rounded = Math.rint(magnitude / unit) * unit;
        if (rounded > LARGEST_HALF) {
            throw new IllegalArgumentException("must have values of at most 65504 in 16 bits, got " + value);
        }
        int at = Math.max(-14, Math.getExponent((float) rounded));
        int significand = (int) (rounded / Math.scalb(1.0, at - 10));
        int half = significand < 0x400 ? significand : ((at + 15) << 10) | (significand & 0x3ff);
        return (short) (sign | half);
    }
}
