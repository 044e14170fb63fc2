/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.amend4j.safetensors.HalfFloats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufWriterTest {

    @TempDir
    private Path folder;

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(GgufWriterTest.class.getResourceAsStream("quantised/" + name))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0"})
    void blocks_have_the_bytes_of_llama_cpps_tools(GgufType type) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(resource("values.f32")).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[in.remaining() / Float.BYTES];
        in.asFloatBuffer().get(values);
        ByteBuffer out = ByteBuffer.allocate(values.length / type.blockValues() * type.blockBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += type.blockValues()) {
            GgufEncoding.block(type, values, from, out);
        }
        assertArrayEquals(resource(type + ".blocks"), out.array());
    }

    /** No neighbour is nearer, and of two as near the even one is taken; all 63,488 finite numbers come back as they are. */
    @Test
    void sixteen_bits_are_the_nearest() {
        Random random = new Random(1);
        for (int trial = 0; trial < 100_000; trial++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(40) - 26));
            if (Math.abs(value) < 65504) {
                short half = GgufEncoding.half(value);
                double error = Math.abs((double) HalfFloats.fromF16(half) - value);
                for (int step : new int[] {-1, 1}) {
                    short other = (short) (half + step);
                    if ((other & 0x7c00) != 0x7c00 && (other & 0x8000) == (half & 0x8000)) {
                        double there = Math.abs((double) HalfFloats.fromF16(other) - value);
                        assertTrue(error < there || (error == there && (half & 1) == 0), value + " " + half);
                    }
                }
            }
        }
        for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
            if ((bits & 0x7c00) != 0x7c00) {
                assertEquals((short) bits, GgufEncoding.half(HalfFloats.fromF16((short) bits)));
            }
        }
    }

    @Test
    void what_is_written_is_read() throws IOException {
        GgufKeys keys = new GgufKeys()
                .text("general.architecture", "llama")
                .whole("a", Integer.MAX_VALUE)
                .fraction("b", 1e-5)
                .truth("c", true)
                .texts("d", List.of("", "\u20ac"))
                .wholes("e", -1, 2);
        float[] row = new float[64];
        for (int i = 0; i < row.length; i++) {
            row[i] = i - 20.5f;
        }
        Path file = folder.resolve("made.gguf");
        try (OutputStream out = Files.newOutputStream(file)) {
            GgufWriter.write(
                    out,
                    keys,
                    List.of(
                            tensor("x", GgufType.F32, List.of(3L), 1, 2, 3),
                            tensor("y", GgufType.Q8_0, List.of(2L, 32L), row),
                            tensor("z", GgufType.F16, List.of(64L), row)));
        }
        try (GgufFile read = GgufFile.open(file)) {
            assertEquals(Integer.MAX_VALUE, read.metadata().whole("a").orElseThrow());
            assertEquals(1e-5, read.metadata().fraction("b").orElseThrow());
            assertEquals(true, read.metadata().truth("c").orElseThrow());
            assertEquals(List.of("", "\u20ac"), read.metadata().texts("d").orElseThrow());
            assertArrayEquals(new long[] {-1, 2}, read.metadata().wholes("e").orElseThrow());
            assertArrayEquals(new float[] {1, 2, 3}, read.readFloats("x"));
            assertArrayEquals(row, read.readFloats("z"));
            assertArrayEquals(row, read.readFloats("y"), 0.5f * 43.5f / 127 + 0.01f); // half a step, and d in 16 bits
            assertEquals(
                    List.of(2L, 32L),
                    Objects.requireNonNull(read.tensors().get("y")).shape());
        }
    }

    @Test
    void what_a_type_cannot_hold_is_refused() {
        for (GgufWriter.Tensor bad : List.of(
                tensor("x", GgufType.F32, List.of(1L), Float.NaN),
                tensor("x", GgufType.F16, List.of(1L), 65520),
                tensor("x", GgufType.F32, List.of(2L), 1),
                tensor("x", GgufType.Q2_K, List.of(256L), new float[256]))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> GgufWriter.write(OutputStream.nullOutputStream(), new GgufKeys(), List.of(bad)));
        }
        assertThrows(IllegalArgumentException.class, () -> tensor("x", GgufType.Q8_0, List.of(33L), new float[33]));
        assertThrows(IllegalArgumentException.class, () -> tensor("x".repeat(64), GgufType.F32, List.of(1L), 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new GgufKeys().text("a", "b").truth("a", true));
    }

    private static GgufWriter.Tensor tensor(String name, GgufType type, List<Long> shape, float... values) {
        return new GgufWriter.Tensor(name, type, shape, () -> values);
    }
}
