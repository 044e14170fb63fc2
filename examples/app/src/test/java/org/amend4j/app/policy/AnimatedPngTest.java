/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Animated pictures, taken apart by PNG's third edition; their pixels are read by Java's own PNG. */
class AnimatedPngTest {

    private static final int SIGNATURE = 8;

    @TempDir
    private Path folder;

    @SuppressWarnings("ArrayRecordComponent") // a test's own
    private record Chunk(String name, byte[] content) {

        byte[] bytes() throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] named =
                    (name + new String(content, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
            CRC32 check = new CRC32();
            check.update(named);
            out.write(ByteBuffer.allocate(4).putInt(content.length).array());
            out.write(named);
            out.write(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
            return out.toByteArray();
        }

        ByteBuffer buffer() {
            return ByteBuffer.wrap(content);
        }
    }

    /** Each with the check that belongs to it. */
    private static List<Chunk> chunks(byte[] file) throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(file));
        in.skipNBytes(SIGNATURE);
        while (in.available() > 0) {
            int length = in.readInt();
            Chunk chunk = new Chunk(new String(in.readNBytes(4), StandardCharsets.US_ASCII), in.readNBytes(length));
            assertEquals(ByteBuffer.wrap(chunk.bytes(), 8 + length, 4).getInt(), in.readInt(), chunk.name());
            chunks.add(chunk);
        }
        return chunks;
    }

    private static byte[] random(int height, int width, Random random) {
        byte[] rgb = new byte[3 * height * width];
        random.nextBytes(rgb);
        return rgb;
    }

    private static byte[] pixels(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        ByteBuffer pixels = ByteBuffer.allocate(3 * image.getHeight() * image.getWidth());
        for (int rgb : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
            pixels.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
        }
        return pixels.array();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 7, 3", "5, 2, 4", "40, 60, 3"})
    void every_picture_has_the_pixels_that_were_added(int height, int width, int count) throws IOException {
        Path file = folder.resolve("film.png");
        Random random = new Random(31L * height + width);
        List<byte[]> added = new ArrayList<>();
        try (AnimatedPng film = new AnimatedPng(file, 50)) {
            for (int i = 0; i < count; i++) {
                added.add(random(height, width, random));
                film.add(height, width, added.get(i).clone());
            }
            film.finish();
        }
        byte[] whole = Files.readAllBytes(file);
        List<Chunk> chunks = chunks(whole);
        assertEquals("IHDR", chunks.get(0).name());
        assertEquals(width, chunks.get(0).buffer().getInt());
        assertEquals("acTL", chunks.get(1).name());
        assertEquals(count, chunks.get(1).buffer().getInt());
        assertEquals("IEND", chunks.get(chunks.size() - 1).name());
        assertEquals(3 + 2 * count, chunks.size());
        assertArrayEquals(added.get(0), pixels(whole), "where nothing moves, the first is seen");
        int next = 0;
        for (int i = 0; i < count; i++) {
            Chunk control = chunks.get(2 + 2 * i);
            Chunk data = chunks.get(3 + 2 * i);
            assertEquals("fcTL", control.name());
            assertEquals(next++, control.buffer().getInt());
            assertEquals(1, control.buffer().getShort(20));
            assertEquals(50, control.buffer().getShort(22));
            if (i > 0) {
                assertEquals("fdAT", data.name());
                assertEquals(next++, data.buffer().getInt());
                byte[] own = new byte[data.content().length - 4];
                data.buffer().position(4).get(own);
                ByteArrayOutputStream alone = new ByteArrayOutputStream();
                alone.write(whole, 0, SIGNATURE);
                alone.write(chunks.get(0).bytes());
                alone.write(new Chunk("IDAT", own).bytes());
                alone.write(new Chunk("IEND", new byte[0]).bytes());
                assertArrayEquals(added.get(i), pixels(alone.toByteArray()), "picture " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"50, 1, 50", "1, 1, 1", "65535, 1, 65535", "12.5, 80, 1000", "0.001, 65535, 1000", "1e6, 0, 1000"})
    void a_picture_stays_as_long_as_the_rate_says(double perSecond, int numerator, int denominator) throws IOException {
        Path file = folder.resolve("film.png");
        try (AnimatedPng film = new AnimatedPng(file, perSecond)) {
            film.add(1, 1, new byte[3]);
            film.finish();
        }
        ByteBuffer control = chunks(Files.readAllBytes(file)).get(2).buffer();
        assertEquals(numerator, Short.toUnsignedInt(control.getShort(20)));
        assertEquals(denominator, Short.toUnsignedInt(control.getShort(22)));
    }

    @Test
    void pictures_of_two_sizes_none_at_all_and_a_rate_that_is_none_are_refused() throws IOException {
        Path file = folder.resolve("film.png");
        try (AnimatedPng film = new AnimatedPng(file, 30)) {
            assertThrows(IllegalStateException.class, film::finish);
            film.add(2, 1, new byte[6]);
            String refused = assertThrows(IllegalArgumentException.class, () -> film.add(1, 2, new byte[6]))
                    .getMessage();
            assertEquals("pictures of a film must have one size, got 1 x 2 and 2 x 1", refused);
        }
        for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> new AnimatedPng(file, rate))
                    .getMessage()
                    .contains("must be > 0"));
        }
    }
}
