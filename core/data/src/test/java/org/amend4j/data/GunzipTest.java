/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GunzipTest {

    private static final int BUFFER = 1 << 16;

    @TempDir
    private Path folder;

    /** A head, and then the same block over and over. */
    private static byte[] packed(byte[] head, byte[] block, long bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(head);
            for (long done = 0; done < bytes; done += block.length) {
                out.write(block);
            }
        }
        return packed.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static InputStream unpacked(byte[] bytes) throws IOException {
        return Gunzip.of("file", new ByteArrayInputStream(bytes));
    }

    /** Read by single bytes too. */
    @ParameterizedTest
    @ValueSource(ints = {1, BUFFER})
    @OneIn(2)
    void aFileThatUnpacksToHundredsOfTimesItsSizeIsGivenUpSoon(int step) throws IOException {
        byte[] bomb = packed(new byte[0], new byte[BUFFER], 64L << 20);
        long[] read = {0};
        try (InputStream in = unpacked(bomb)) {
            byte[] buffer = new byte[step];
            String sentence = assertThrows(BadInputException.class, () -> {
                        for (int count; (count = step == 1 ? Math.min(1, 1 + in.read()) : in.read(buffer)) > 0; ) {
                            read[0] += count;
                        }
                    })
                    .getMessage();
            assertEquals(
                    "file unpacks to more than 100 times its size, as no table or picture should: unpack it yourself"
                            + " (gunzip) if it is meant so",
                    sentence);
        }
        assertTrue(read[0] <= Gunzip.FREE, "read " + read[0]);
    }

    @Test
    @Tag("exhaustive")
    void tablesAndPicturesThatAreBombsAreRefused() throws IOException {
        Path table = Files.write(
                folder.resolve("bomb.csv.gz"), packed(text("a,b,kind\n"), text("0,0,x\n".repeat(10_000)), 64L << 20));
        assertTrue(assertThrows(BadInputException.class, () -> CsvTable.read(table, "kind", List.of()))
                .getMessage()
                .startsWith(table + " unpacks to more than"));
        byte[] header = {0, 0, 8, 3, 0, 1, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28};
        Path pictures = Files.write(folder.resolve("bomb.gz"), packed(header, new byte[BUFFER], (28L * 28) << 16));
        PictureShape shape = new PictureShape(28, 1, PictureShape.Order.FLAT);
        assertTrue(assertThrows(BadInputException.class, () -> IdxPictures.read(pictures, pictures, shape, List.of()))
                .getMessage()
                .startsWith(pictures + " unpacks to more than"));
    }

    /** Larger than what is free, packed four times at most. */
    @Test
    void anHonestFileIsUnpackedWhateverItsSize() throws IOException {
        Random random = new Random(3);
        byte[] numbers = new byte[(int) Gunzip.FREE + 1000];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (byte) ('0' + random.nextInt(4));
        }
        try (InputStream in = unpacked(packed(numbers, new byte[0], 0))) {
            assertArrayEquals(numbers, in.readAllBytes());
        }
        try (InputStream in = unpacked(packed(new byte[0], new byte[BUFFER], 8L << 20))) {
            assertEquals(8 << 20, in.readAllBytes().length);
        }
        try (InputStream in = unpacked(text("plain"))) {
            assertArrayEquals(text("plain"), in.readAllBytes());
        }
    }
}
