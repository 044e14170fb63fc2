/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;
import org.amend4j.safetensors.Printable;

/**
 * A table of LevelDB without compression, which is the index of TensorFlow's checkpoints: blocks of entries in the order of their keys,
 * which share beginnings, a block of the places of these blocks, and a footer.
 */
final class LevelTable {

    private static final int FOOTER = 48;
    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int TRAILER = 5;
    private static final int LONGEST_KEY = 4096;
    private static final int MASK_DELTA = 0xa282ead8;

    private final byte[] file;

    private LevelTable(byte[] file) {
        this.file = file;
    }

    /**
     * All entries, in their order.
     *
     * @throws IllegalArgumentException if it is no such table
     */
    static Map<String, byte[]> entries(byte[] file) {
        if (file.length < FOOTER
                || ByteBuffer.wrap(file, file.length - Long.BYTES, Long.BYTES)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong()
                        != MAGIC) {
            throw new IllegalArgumentException("the index is no table of LevelDB");
        }
        LevelTable table = new LevelTable(file);
        Numbers footer = new Numbers(file, file.length - FOOTER, file.length - Long.BYTES);
        footer.next(); // the place of blocks of filters, of which there are none
        footer.next();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        table.eachOf(footer.next(), footer.next(), (unused, place) -> {
            Numbers of = new Numbers(place, 0, place.length);
            table.eachOf(of.next(), of.next(), (key, value) -> put(entries, key, value));
        });
        return entries;
    }

    private static void put(Map<String, byte[]> entries, byte[] key, byte[] value) {
        String name = new String(key, StandardCharsets.UTF_8);
        if (entries.put(name, value) != null) {
            throw new IllegalArgumentException("the index has two entries for " + Printable.quoted(name));
        }
    }

    private void eachOf(int from, int size, BiConsumer<byte[], byte[]> use) {
        int end = end(from, size);
        Numbers numbers = new Numbers(file, from, end);
        byte[] key = {};
        while (!numbers.isAtEnd()) {
            int shared = numbers.next();
            int own = numbers.next();
            int length = numbers.next();
            if ((long) shared + own > LONGEST_KEY) {
                throw new IllegalArgumentException("the index has a key of more than " + LONGEST_KEY + " bytes");
            }
            if (shared > key.length) {
                throw new IllegalArgumentException("the index has a key that shares more than there is");
            }
            byte[] rest = numbers.bytes(own);
            byte[] whole = new byte[shared + own];
            System.arraycopy(key, 0, whole, 0, shared);
            System.arraycopy(rest, 0, whole, shared, own);
            key = whole;
            use.accept(key, numbers.bytes(length));
        }
    }

    /** Where a block's entries end: before the places from which keys share nothing, and their number. */
    private int end(int from, int size) {
        long after = (long) from + size;
        if (after + TRAILER > file.length - FOOTER || size < Integer.BYTES) {
            throw new IllegalArgumentException("the index has a block outside of itself");
        }
        if (file[from + size] != 0) {
            throw new IllegalArgumentException("the index has a compressed block, which TensorFlow does not write");
        }
        CRC32C sum = new CRC32C();
        sum.update(file, from, size + 1);
        if (masked(sum) != intAt(from + size + 1)) {
            throw new IllegalArgumentException("the index has a damaged block");
        }
        long restarts = intAt(from + size - Integer.BYTES);
        long end = after - Integer.BYTES * (restarts + 1);
        if (restarts < 0 || end < from) {
            throw new IllegalArgumentException("the index has a block without entries");
        }
        return (int) end;
    }

    private int intAt(int position) {
        return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(position);
    }

    /** As LevelDB and TensorFlow keep checksums. */
    static int masked(CRC32C sum) {
        return Integer.rotateRight((int) sum.getValue(), 15) + MASK_DELTA;
    }

    /** Numbers of seven bits a byte, below 2^31, and bytes between them. */
    private static final class Numbers {

        private final byte[] bytes;
        private final int end;
        private int position;

        Numbers(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.position = from;
            this.end = end;
        }

        boolean isAtEnd() {
            return position >= end;
        }

        int next() {
            long value = 0;
            for (int shift = 0; shift < 35; shift += 7) {
                if (isAtEnd()) {
                    break;
                }
                int next = bytes[position++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0 && value <= Integer.MAX_VALUE) {
                    return (int) value;
                }
            }
            throw new IllegalArgumentException("the index has a number that does not end");
        }

        byte[] bytes(int length) {
            if (length > end - position) {
                throw new IllegalArgumentException("the index has an entry outside of its block");
            }
            byte[] part = new byte[length];
            System.arraycopy(bytes, position, part, 0, length);
            position += length;
            return part;
        }
    }
}
