/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;
import org.amend4j.safetensors.HalfFloats;

/**
 * The values of one block of each type. Every function takes little-endian bytes, where the block begins in them, and where its values
 * go. Sums and products are in single precision, each rounded, as llama.cpp's tools compute them.
 */
final class GgufBlocks {
    private static final int[] IQ4_NL = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Values in a small block. */
    private static final int SMALL = 32;

    /** Values in a block of the types that have scales of scales. */
    private static final int LARGE = 256;

    private GgufBlocks() {}

    static void f32(ByteBuffer in, int at, float[] out, int from) {
        out[from] = in.getFloat(at);
    }

    static void f16(ByteBuffer in, int at, float[] out, int from) {
        out[from] = half(in, at);
    }

    static void bf16(ByteBuffer in, int at, float[] out, int from) {
        out[from] = HalfFloats.fromBf16(in.getShort(at));
    }

    static void q80(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * in.get(at + 2 + i);
        }
    }

    static void q40(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * (nibble(in, at + 2, i) - 8);
        }
    }

    static void q41(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * nibble(in, at + 4, i) + m;
        }
    }

    static void q50(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        int fifth = in.getInt(at + 2);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * ((nibble(in, at + 6, i) | (fifth >>> i & 1) << 4) - 16);
        }
    }

    static void q51(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        float m = half(in, at + 2);
        int fifth = in.getInt(at + 4);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * (nibble(in, at + 8, i) | (fifth >>> i & 1) << 4) + m;
        }
    }

    static void iq4nl(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        for (int i = 0; i < SMALL; i++) {
            out[from + i] = d * IQ4_NL[nibble(in, at + 2, i)];
        }
    }

    static void q2k(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at + 80);
        float m = half(in, at + 82);
        for (int i = 0; i < LARGE; i++) {
            int scales = unsigned(in, at + i / 16);
            out[from + i] = d * (scales & 15) * twoBits(in, at + 16, i) - m * (scales >> 4);
        }
    }

    static void q3k(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at + 108);
        for (int i = 0; i < LARGE; i++) {
            int missing = (in.get(at + i % 32) >> (i / 32) & 1) == 0 ? 4 : 0;
            out[from + i] = d * (sixBits(in, at + 96, i / 16) - 32) * (twoBits(in, at + 32, i) - missing);
        }
    }

    static void q4k(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int i = 0; i < LARGE; i++) {
            int q = fourBits(in, at + 16, i);
            out[from + i] = d * scale(in, at + 4, i / 32) * q - m * minimum(in, at + 4, i / 32);
        }
    }

    static void q5k(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int i = 0; i < LARGE; i++) {
            int q = fourBits(in, at + 48, i) | (in.get(at + 16 + i % 32) >> (i / 32) & 1) << 4;
            out[from + i] = d * scale(in, at + 4, i / 32) * q - m * minimum(in, at + 4, i / 32);
        }
    }

    static void q6k(ByteBuffer in, int at, float[] out, int from) {
        float d = half(in, at + 208);
        for (int i = 0; i < LARGE; i++) {
            int half = i / 128;
            int k = i % 128;
            int low = in.get(at + 64 * half + k % 64) >> (4 * (k / 64)) & 15;
            int high = in.get(at + 128 + 32 * half + k % 32) >> (2 * (k / 32)) & 3;
            out[from + i] = d * in.get(at + 192 + i / 16) * ((low | high << 4) - 32);
        }
    }

    private static float half(ByteBuffer in, int at) {
        return HalfFloats.fromF16(in.getShort(at));
    }

    private static int unsigned(ByteBuffer in, int at) {
        return in.get(at) & 0xff;
    }

    /** The first 16 values are in the bytes' low halves, the others in the high ones. */
    private static int nibble(ByteBuffer in, int at, int i) {
        return in.get(at + i % 16) >> (4 * (i / 16)) & 15;
    }

    /** Q2_K's and Q3_K's: 32 bytes for 128 values, four in each. */
    private static int twoBits(ByteBuffer in, int at, int i) {
        return in.get(at + 32 * (i / 128) + i % 32) >> (2 * (i % 128 / 32)) & 3;
    }

    /** Q4_K's and Q5_K's: 32 bytes for 64 values, two in each. */
    private static int fourBits(ByteBuffer in, int at, int i) {
        return in.get(at + 32 * (i / 64) + i % 32) >> (4 * (i % 64 / 32)) & 15;
    }

    /** Q3_K's 16 scales in 12 bytes. */
    private static int sixBits(ByteBuffer in, int at, int j) {
        int low = in.get(at + j % 8) >> (4 * (j / 8)) & 15;
        return low | (in.get(at + 8 + j % 4) >> (2 * (j / 4)) & 3) << 4;
    }

    /** Q4_K's and Q5_K's eight scales, which share 12 bytes with eight minima. */
    private static int scale(ByteBuffer in, int at, int j) {
        return j < 4 ? in.get(at + j) & 63 : (in.get(at + j + 4) & 15) | (unsigned(in, at + j - 4) >> 6) << 4;
    }

    private static int minimum(ByteBuffer in, int at, int j) {
        return j < 4 ? in.get(at + j + 4) & 63 : (unsigned(in, at + j + 4) >> 4) | (unsigned(in, at + j) >> 6) << 4;
    }
}
