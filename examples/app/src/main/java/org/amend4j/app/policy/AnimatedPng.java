/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Pictures that follow each other, in one file that browsers play: PNG's third edition (W3C, 2025), chunks acTL, fcTL and fdAT. No pixel
 * changes. One picture is in memory at a time; what the file begins with is written by {@link #finish}.
 */
public final class AnimatedPng implements AutoCloseable {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int CHANNELS = 3;

    /** Of signature, IHDR and acTL: length, name and check of a chunk are 12 bytes. */
    private static final int BEGINNING = SIGNATURE.length + (12 + 13) + (12 + 8);

    /** Each byte less the one above it. */
    private static final byte FILTER_UP = 2;

    private static final int MOST_OF_A_DELAY = 0xFFFF;

    private final RandomAccessFile file;
    private final short numerator;
    private final short denominator;
    private int width;
    private int height;
    private int pictures;
    private int chunks;

    /**
     * Begins a file.
     *
     * @param perSecond pictures, > 0
     */
    public AnimatedPng(Path file, double perSecond) throws IOException {
        if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
            throw new IllegalArgumentException("pictures a second must be > 0 and finite, got " + perSecond);
        }
        boolean whole = perSecond == Math.rint(perSecond) && perSecond <= MOST_OF_A_DELAY;
        numerator = (short) (whole ? 1 : Math.min(MOST_OF_A_DELAY, Math.round(1_000 / perSecond)));
        denominator = (short) (whole ? (int) perSecond : 1_000);
        this.file = new RandomAccessFile(file.toFile(), "rw");
        this.file.setLength(0);
        this.file.write(new byte[BEGINNING]);
    }

    /**
     * The next picture.
     *
     * @param rgb [height][width][3]; only read
     * @throws IllegalArgumentException if it has another size than the first
     */
    public void add(int pictureHeight, int pictureWidth, byte... rgb) throws IOException {
        if (pictures == 0) {
            height = pictureHeight;
            width = pictureWidth;
        }
        if (pictureHeight != height || pictureWidth != width) {
            throw new IllegalArgumentException("pictures of a film must have one size, got " + width + " x " + height
                    + " and " + pictureWidth + " x " + pictureHeight);
        }
        chunk(
                "fcTL",
                ByteBuffer.allocate(26)
                        .putInt(chunks++)
                        .putInt(width)
                        .putInt(height)
                        .putLong(0) // where it is
                        .putShort(numerator)
                        .putShort(denominator)); // then: it stays, and covers what was there
        byte[] packed = packed(rgb);
        if (pictures == 0) {
            chunk("IDAT", ByteBuffer.wrap(packed));
        } else {
            chunk(
                    "fdAT",
                    ByteBuffer.allocate(Integer.BYTES + packed.length)
                            .putInt(chunks++)
                            .put(packed));
        }
        pictures++;
    }

    /** How many were added. */
    public int pictures() {
        return pictures;
    }

    private byte[] packed(byte... rgb) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        int line = CHANNELS * width;
        byte[] filtered = new byte[1 + line];
        filtered[0] = FILTER_UP;
        Deflater deflater = new Deflater();
        try (DeflaterOutputStream stream = new DeflaterOutputStream(packed, deflater)) {
            for (int at = 0; at < rgb.length; at += line) {
                for (int i = 0; i < line; i++) {
                    filtered[1 + i] = (byte) (rgb[at + i] - (at == 0 ? 0 : rgb[at + i - line]));
                }
                stream.write(filtered);
            }
        } finally {
            deflater.end();
        }
        return packed.toByteArray();
    }

    private void chunk(String name, ByteBuffer content) throws IOException {
        byte[] named = ByteBuffer.allocate(Integer.BYTES + content.capacity())
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(content.clear())
                .array();
        CRC32 check = new CRC32();
        check.update(named);
        file.write(ByteBuffer.allocate(named.length + 2 * Integer.BYTES)
                .putInt(content.capacity())
                .put(named)
                .putInt((int) check.getValue())
                .array());
    }

    /**
     * The file is whole; nothing is added afterwards.
     *
     * @throws IllegalStateException if there is no picture
     */
    public void finish() throws IOException {
        if (pictures == 0) {
            throw new IllegalStateException("a film must have a picture");
        }
        chunk("IEND", ByteBuffer.allocate(0));
        file.seek(0);
        file.write(SIGNATURE);
        chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) Byte.SIZE)
                        .put((byte) 2)); // red, green, blue
        chunk("acTL", ByteBuffer.allocate(8).putInt(pictures)); // played without end
    }

    /** A file that is not {@linkplain #finish finished} is of no use. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
