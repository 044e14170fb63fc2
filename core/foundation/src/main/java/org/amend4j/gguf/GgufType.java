/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a tensor's numbers are stored: in blocks with a fixed number of values and bytes. */
public enum GgufType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    IQ4_NL(20, 32, 18),
    BF16(30, 1, 2);

    private final int number;
    private final int blockValues;
    private final int blockBytes;

    GgufType(int number, int blockValues, int blockBytes) {
        this.number = number;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
    }

    /** The values of a block. */
    public int blockValues() {
        return blockValues;
    }

    /** The bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    int number() {
        return number;
    }

    static Optional<GgufType> ofNumber(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    static String all() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /**
     * Decodes the whole blocks that remain.
     *
     * @param in little-endian; its position stays
     * @param from where the first value goes
     * @return how many values those are
     */
    int decode(ByteBuffer in, float[] out, int from) {
        int blocks = in.remaining() / blockBytes;
        for (int i = 0; i < blocks; i++) {
            block(in, in.position() + i * blockBytes, out, from + i * blockValues);
        }
        return blocks * blockValues;
    }

    private void block(ByteBuffer in, int at, float[] out, int from) {
        switch (this) {
            case F32 -> GgufBlocks.f32(in, at, out, from);
            case F16 -> GgufBlocks.f16(in, at, out, from);
            case Q4_0 -> GgufBlocks.q40(in, at, out, from);
            case Q4_1 -> GgufBlocks.q41(in, at, out, from);
            case Q5_0 -> GgufBlocks.q50(in, at, out, from);
            case Q5_1 -> GgufBlocks.q51(in, at, out, from);
            case Q8_0 -> GgufBlocks.q80(in, at, out, from);
            case Q2_K -> GgufBlocks.q2k(in, at, out, from);
            case Q3_K -> GgufBlocks.q3k(in, at, out, from);
            case Q4_K -> GgufBlocks.q4k(in, at, out, from);
            case Q5_K -> GgufBlocks.q5k(in, at, out, from);
            case Q6_K -> GgufBlocks.q6k(in, at, out, from);
            case IQ4_NL -> GgufBlocks.iq4nl(in, at, out, from);
            case BF16 -> GgufBlocks.bf16(in, at, out, from);
        }
    }
}
