/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsRoundTripTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatWasWrittenIsReadBitForBit(long seed) throws IOException {
        Random random = new Random(seed);
        Map<String, float[]> floats = new LinkedHashMap<>();
        List<TensorData> tensors = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long rows = random.nextInt(200);
            long columns = random.nextInt(300);
            float[] values = new float[(int) (rows * columns)];
            for (int k = 0; k < values.length; k++) {
                values[k] = Float.intBitsToFloat(random.nextInt());
            }
            floats.put("t" + i, values);
            tensors.add(TensorData.ofFloats("t" + i, List.of(rows, columns), values));
        }
        double[] doubles = random.doubles(10_000).toArray();
        tensors.add(TensorData.ofDoubles("d", List.of(10_000L), doubles));
        Path path = directory.resolve("x.safetensors");
        SafetensorsWriter.write(path, Map.of("format", "pt"), tensors);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertArrayEquals(doubles, file.readDoubles("d"));
            for (Map.Entry<String, float[]> entry : floats.entrySet()) {
                assertArrayEquals(bits(entry.getValue()), bits(file.readFloats(entry.getKey())));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void equalContentGivesEqualBytesInAnyOrder(long seed) throws IOException {
        List<TensorData> tensors = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(List.of("b", "a.lora_A", "ä", "\uffff", "\ud83d\ude00", "a b", ""));
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        for (Path path : List.of(first, second)) {
            Collections.shuffle(names, new Random(path.equals(first) ? seed : seed + 100));
            tensors.clear();
            metadata.clear();
            for (String name : names) {
                tensors.add(TensorData.ofFloats(name, List.of(1L), new float[] {name.length()}));
                tensors.add(TensorData.ofLongs(name + "!", List.of(), new long[] {name.length()}));
                metadata.put(name, name);
            }
            SafetensorsWriter.write(path, metadata, tensors);
        }
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
    }

    @Test
    void tensorsAreSortedByTypeAndThenByCodePointAndTheBufferIsAligned() throws IOException {
        Path path = directory.resolve("sorted");
        SafetensorsWriter.write(
                path,
                Map.of("k", "v"),
                List.of(
                        TensorData.ofFloats("\ud83d\ude00", List.of(1L), new float[1]),
                        TensorData.ofFloats("\uffff", List.of(1L), new float[1]),
                        TensorData.ofFloats("a", List.of(1L), new float[1]),
                        TensorData.ofDoubles("z", List.of(1L), new double[1]),
                        TensorData.ofLongs("zz", List.of(), new long[1])));
        byte[] bytes = Files.readAllBytes(path);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8);
        assertTrue(new String(bytes, 8, 30, StandardCharsets.UTF_8).startsWith("{\"__metadata__\":{\"k\":\"v\"},"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(
                    List.of("zz", "z", "a", "\uffff", "\ud83d\ude00"),
                    List.copyOf(file.tensors().keySet()));
        }
    }

    @Test
    void anEmptyFileHasNoTensors() throws IOException {
        Path path = directory.resolve("empty");
        SafetensorsWriter.write(path, Map.of(), List.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertTrue(file.tensors().isEmpty() && file.metadata().isEmpty());
        }
    }

    @Test
    void everyHalfFloatIsDecodedExactly() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1 << 16; i++) {
            all.putShort((short) i);
        }
        for (DType dtype : List.of(DType.F16, DType.BF16)) {
            Path path = directory.resolve(dtype.name());
            SafetensorsWriter.write(
                    path,
                    Map.of(),
                    List.of(new TensorData("h", dtype, List.of(1L << 16), out -> out.write(all.array()))));
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                float[] floats = file.readFloats("h");
                double[] doubles = file.readDoubles("h");
                for (int i = 0; i < 1 << 16; i++) {
                    double expected = dtype == DType.F16 ? small(i, 5, 10) : small(i, 8, 7);
                    assertEquals(expected, floats[i], dtype + " " + i);
                    assertEquals(expected, doubles[i], dtype + " " + i);
                }
            }
        }
    }

    /** A small float by the definition of IEEE 754. */
    private static double small(int bits, int exponentBits, int fractionBits) {
        int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
        double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
        int bias = (1 << (exponentBits - 1)) - 1;
        double sign = bits >> 15 == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * fraction * Math.pow(2, 1 - bias)
                : sign * (1 + fraction) * Math.pow(2, exponent - bias);
    }

    @Test
    void filesBeyondTwoGibibytesAreReadWithLongOffsets() throws IOException {
        long gap = 3L << 30;
        String header = "{\"gap\":{\"dtype\":\"F32\",\"shape\":[" + gap / 4 + "],\"data_offsets\":[0," + gap + "]},"
                + "\"far\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + gap + "," + (gap + 4) + "]},"
                + "\"wide\":{\"dtype\":\"U8\",\"shape\":[" + gap + "],\"data_offsets\":[" + (gap + 4) + ","
                + (2 * gap + 4)
                + "]}}";
        Path path = RawFile.of(directory, header, 0);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            long start = sparse.length();
            sparse.setLength(start + 2 * gap + 4);
            sparse.seek(start + gap);
            sparse.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(new float[] {1}, file.readFloats("far"));
            assertEquals(gap, List.copyOf(file.tensors().values()).get(2).elements());
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void aTensorTooLargeForOneArrayIsRefused() throws IOException {
        long count = 1L << 31;
        Path path = RawFile.of(
                directory,
                "{\"big\":{\"dtype\":\"F16\",\"shape\":[" + count + "],\"data_offsets\":[0," + 2 * count + "]}}",
                0);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(sparse.length() + 2 * count);
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            refused(SafetensorsException.class, "more than one array can hold", () -> file.readFloats("big"));
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void aDoubleIsNotReadAsFloat() throws IOException {
        Path path = directory.resolve("double");
        SafetensorsWriter.write(path, Map.of(), List.of(TensorData.ofDoubles("d", List.of(1L), new double[1])));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            refused(SafetensorsException.class, "has the dtype F64, only F32", () -> file.readFloats("d"));
        }
    }

    @Test
    void theWriterRefusesWhatTheReaderWould() {
        refused("cannot be written", () -> TensorData.ofFloats("__metadata__", List.of(0L), new float[0]));
        refused("cannot be written", () -> TensorData.ofFloats("\ud800", List.of(0L), new float[0]));
        refused("cannot have the shape", () -> new TensorData("a", DType.F4, List.of(1L), out -> {}));
        refused("cannot have the shape", () -> new TensorData("a", DType.F32, List.of(-1L), out -> {}));
        refused("must have 2 values, got 1", () -> TensorData.ofFloats("a", List.of(2L), new float[1]));
        TensorData a = TensorData.ofFloats("a", List.of(1L), new float[1]);
        refused("two tensors have the name 'a'", () -> write(Map.of(), List.of(a, a)));
        refused("not valid Unicode", () -> write(Map.of("k", "\udc00"), List.of(a)));
        TensorData liar = new TensorData("a", DType.F32, List.of(1L), out -> out.write(1));
        refused("must write 4 bytes, got 1", () -> write(Map.of(), List.of(liar)));
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = directory.resolve("kept");
        Files.writeString(path, "old");
        TensorData failing = new TensorData("a", DType.F32, List.of(1L), out -> {
            throw new IOException("disk full");
        });
        assertThrows(IOException.class, () -> SafetensorsWriter.write(path, Map.of(), List.of(failing)));
        assertEquals("old", Files.readString(path));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(path), files.toList());
        }
    }

    private void write(Map<String, String> metadata, List<TensorData> tensors) throws IOException {
        SafetensorsWriter.write(directory.resolve("refused"), metadata, tensors);
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
