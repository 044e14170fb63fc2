/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is in a file that keeps every rule is read as it is. */
class GgufFileTest {

    @TempDir
    Path directory;

    @Test
    void shapesAreOutputsThenInputsAndValuesLieRowAfterRow() throws IOException {
        byte[] values = floats(0, 1, 2, 3, 4, 5);
        try (GgufFile file = open(new GgufBuilder().tensor("w", 0, values, 3, 2).tensor("v", 0, floats(7), 1))) {
            GgufTensor tensor = Optional.ofNullable(file.tensors().get("w")).orElseThrow();
            assertEquals(List.of(2L, 3L), tensor.shape());
            assertEquals(6, tensor.elements());
            assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, file.readFloats("w"));
            assertArrayEquals(new float[] {7}, file.readFloats("v"));
            refused(GgufException.class, "tensor 'x' is missing", () -> file.readFloats("x"));
        }
    }

    /** A block of Q8_0 has 34 bytes, which no power of two is a multiple of. */
    @Test
    void aTensorOfManyChunksIsDecodedAsAWhole() throws IOException {
        int blocks = 5_000;
        byte[] bytes = new byte[34 * blocks];
        float[] expected = new float[32 * blocks];
        SplittableRandom random = new SplittableRandom(50);
        for (int block = 0; block < blocks; block++) {
            bytes[34 * block + 1] = 0x3c;
            for (int i = 0; i < 32; i++) {
                int q = random.nextInt(-128, 128);
                bytes[34 * block + 2 + i] = (byte) q;
                expected[32 * block + i] = q;
            }
        }
        try (GgufFile file = open(new GgufBuilder().tensor("w", 8, bytes, 32, blocks))) {
            assertArrayEquals(expected, file.readFloats("w"));
        }
    }

    @Test
    void keysAreReadByTheirTypes() throws IOException {
        GgufBuilder builder = new GgufBuilder()
                .pair("u8", ValueType.UINT8, GgufBuilder.bytes(1, 200))
                .pair("i8", ValueType.INT8, GgufBuilder.bytes(1, -3))
                .pair("u16", ValueType.UINT16, GgufBuilder.bytes(2, 65_535))
                .pair("i16", ValueType.INT16, GgufBuilder.bytes(2, -4))
                .pair("u32", ValueType.UINT32, GgufBuilder.bytes(4, 0xffff_ffffL))
                .pair("i32", ValueType.INT32, GgufBuilder.bytes(4, -5))
                .pair("u64", ValueType.UINT64, GgufBuilder.bytes(8, Long.MAX_VALUE))
                .pair("i64", ValueType.INT64, GgufBuilder.bytes(8, Long.MIN_VALUE))
                .pair("f32", ValueType.FLOAT32, floats(1e-5f))
                .pair("f64", ValueType.FLOAT64, GgufBuilder.bytes(8, Double.doubleToLongBits(0.1)))
                .pair("true", ValueType.BOOL, new byte[] {1});
        try (GgufFile file = open(builder)) {
            GgufMetadata metadata = file.metadata();
            assertEquals("toy", metadata.architecture());
            assertEquals(OptionalLong.of(200), metadata.whole("u8"));
            assertEquals(OptionalLong.of(-3), metadata.whole("i8"));
            assertEquals(OptionalLong.of(65_535), metadata.whole("u16"));
            assertEquals(OptionalLong.of(-4), metadata.whole("i16"));
            assertEquals(OptionalLong.of(0xffff_ffffL), metadata.whole("u32"));
            assertEquals(OptionalLong.of(-5), metadata.whole("i32"));
            assertEquals(OptionalLong.of(Long.MAX_VALUE), metadata.whole("u64"));
            assertEquals(OptionalLong.of(Long.MIN_VALUE), metadata.whole("i64"));
            assertEquals(OptionalDouble.of(1e-5), metadata.fraction("f32"));
            assertEquals(OptionalDouble.of(0.1), metadata.fraction("f64"));
            assertEquals(Optional.of(true), metadata.truth("true"));
            assertTrue(metadata.whole("none").isEmpty());
            assertEquals(12, metadata.keys().size());
        }
    }

    @Test
    void arraysAreReadByTheTypesOfTheirElements() throws IOException {
        ByteBuffer texts = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        texts.putLong(2).put((byte) 0xc3).put((byte) 0xa4).putLong(1).put((byte) 'b');
        GgufBuilder builder = new GgufBuilder()
                .array("texts", ValueType.STRING, 2, Arrays.copyOf(texts.array(), 19))
                .array("wholes", ValueType.INT32, 2, GgufBuilder.bytes(8, 0xffff_ffffL))
                .array("fractions", ValueType.FLOAT32, 2, floats(-1.5f, 2))
                .array("truths", ValueType.BOOL, 2, new byte[] {1, 0});
        try (GgufFile file = open(builder)) {
            GgufMetadata metadata = file.metadata();
            assertEquals(Optional.of(List.of("ä", "b")), metadata.texts("texts"));
            assertArrayEquals(new long[] {-1, 0}, metadata.wholes("wholes").orElseThrow());
            assertArrayEquals(
                    new float[] {-1.5f, 2}, metadata.fractions("fractions").orElseThrow());
        }
    }

    @Test
    void aKeyOfAnotherTypeThanIsAskedForIsRefusedByName() throws IOException {
        GgufBuilder builder = new GgufBuilder()
                .array("numbers", ValueType.INT32, 1, new byte[4])
                .pair("nan", ValueType.FLOAT32, floats(Float.NaN));
        try (GgufFile file = open(builder)) {
            GgufMetadata metadata = file.metadata();
            refusedKey("'general.architecture' must be a whole number, got a text", () -> {
                metadata.whole("general.architecture");
            });
            refusedKey("'numbers' must be a text, got an array of INT32", () -> metadata.text("numbers"));
            refusedKey("'numbers' must be an array of FLOAT32, got an array of INT32", () -> {
                metadata.fractions("numbers");
            });
            refusedKey("'nan' must be finite, got NaN", () -> metadata.fraction("nan"));
        }
    }

    @Test
    void wholeNumbersAboveAllOfJavasAndTruthsInArraysThatAreNoneAreRefused() {
        refusedKey("'k' must be below 2^63, got 18446744073709551615", () -> {
            open(new GgufBuilder().pair("k", ValueType.UINT64, GgufBuilder.bytes(8, -1)));
        });
        refusedKey("'k' must be 0 or 1, for false or true, got 255", () -> {
            open(new GgufBuilder().array("k", ValueType.BOOL, 2, new byte[] {1, -1}));
        });
    }

    @Test
    void filesWithoutTensorsAreRead() throws IOException {
        try (GgufFile file = open(new GgufBuilder())) {
            assertTrue(file.tensors().isEmpty());
        }
    }

    @Test
    void aMissingFileAndADirectoryAreRefused() {
        refused(GgufException.class, "existing regular file", () -> GgufFile.open(directory.resolve("missing")));
        refused(GgufException.class, "existing regular file", () -> GgufFile.open(directory));
    }

    private static void refusedKey(String rule, Executable action) {
        refused(GgufException.class, "the key " + rule, action);
    }

    private GgufFile open(GgufBuilder builder) throws IOException {
        return GgufFile.open(builder.write(directory.resolve("model.gguf")));
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
