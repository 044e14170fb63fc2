/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What blocks stand for, compared with plain loops in Python and with llama.cpp's own library for Python. */
class GgufBlocksTest {

    @ParameterizedTest
    @EnumSource(GgufType.class)
    void blocksStandForTheNumbersOfLlamaCppsLibraryBitForBit(GgufType type) throws IOException {
        ByteBuffer blocks = littleEndian(Resources.bytes("blocks/" + type + ".blocks"));
        byte[] expected = Resources.bytes("blocks/" + type + ".f32");
        int places = 3;
        float[] values = new float[places + expected.length / Float.BYTES];

        int decoded = type.decode(blocks, values, places);

        byte[] found = new byte[expected.length];
        littleEndian(found).asFloatBuffer().put(values, places, decoded);
        assertEquals(expected.length / Float.BYTES, decoded);
        assertArrayEquals(expected, found);
        assertEquals(0, blocks.position());
    }

    @ParameterizedTest
    @EnumSource(GgufType.class)
    void aBlockAnywhereAmongBytesStandsForTheSame(GgufType type) throws IOException {
        byte[] blocks = Resources.bytes("blocks/" + type + ".blocks");
        int last = blocks.length / type.blockBytes() - 1;
        float[] all = new float[(last + 1) * type.blockValues()];
        float[] alone = new float[type.blockValues()];

        type.decode(littleEndian(blocks), all, 0);
        type.decode(littleEndian(blocks).position(last * type.blockBytes()), alone, 0);

        for (int i = 0; i < alone.length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(all[last * type.blockValues() + i]), Float.floatToRawIntBits(alone[i]));
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
