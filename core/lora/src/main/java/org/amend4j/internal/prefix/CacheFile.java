/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.digest.Sha256;

/**
 * The format of a cache file, little-endian:
 *
 * <pre>
 * 8 bytes   magic "A4JPRFX" and a zero byte
 * int       version, 1
 * 64 bytes  key, hexadecimal
 * long      number of examples
 * int       number of columns, each: byte role, byte type, int rank, rank longs
 * then      the examples, each: its part of every column, in C order
 * 32 bytes  SHA-256 of everything before
 * </pre>
 *
 * @param columns what an example holds
 * @param examples how many there are
 * @param headerBytes where the first example begins
 */
record CacheFile(List<Column> columns, long examples, long headerBytes) {

    static final int VERSION = 1;

    private static final byte[] MAGIC = {'A', '4', 'J', 'P', 'R', 'F', 'X', 0};
    private static final int KEY_BYTES = 64;
    private static final int DIGEST_BYTES = 32;
    private static final int MOST_COLUMNS = 1024;
    private static final int MOST_DIMENSIONS = 32;
    private static final int CHUNK = 1 << 16;

    /** Bytes of one example. */
    long exampleBytes() {
        return columns.stream().mapToLong(Column::bytes).sum();
    }

    /** Bytes of the whole file. */
    long fileBytes() {
        return headerBytes + Math.multiplyExact(exampleBytes(), examples) + DIGEST_BYTES;
    }

    /** The layout of a file with these columns. */
    static CacheFile of(List<Column> columns, long examples) {
        long dimensions = columns.stream().mapToLong(c -> c.shape().size()).sum();
        long header = MAGIC.length + 4 + KEY_BYTES + 8 + 4 + columns.size() * 6L + dimensions * 8L;
        return new CacheFile(List.copyOf(columns), examples, header);
    }

    /** Refuses batches that differ in what they hold. */
    static void checkColumns(List<Column> expected, List<Column> got) {
        if (!expected.equals(got)) {
            throw new IllegalArgumentException(
                    "every batch must hold the same arrays per example: expected " + expected + ", got " + got);
        }
    }

    /** The header's bytes. */
    ByteBuffer header(String key) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(headerBytes)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).putInt(VERSION).put(key.getBytes(StandardCharsets.US_ASCII));
        bytes.putLong(examples).putInt(columns.size());
        for (Column column : columns) {
            bytes.put((byte) Column.ROLES.indexOf(column.role())).put((byte) Column.TYPES.indexOf(column.type()));
            bytes.putInt(column.shape().size());
            column.shape().forEach(bytes::putLong);
        }
        return bytes.flip();
    }

    /** Appends the SHA-256 of what the channel holds. */
    static void seal(FileChannel channel) throws IOException {
        long size = channel.size();
        writeFully(channel, ByteBuffer.wrap(digest(channel, size)), size);
    }

    /** Reads and checks a whole file; empty if a single byte is not as it was written, or it is for another key. */
    static Optional<CacheFile> verify(FileChannel channel, String key) throws IOException {
        long size = channel.size();
        if (size < of(List.of(), 0).fileBytes()) {
            return Optional.empty();
        }
        ByteBuffer stored = readFully(channel, size - DIGEST_BYTES, DIGEST_BYTES);
        if (!stored.equals(ByteBuffer.wrap(digest(channel, size - DIGEST_BYTES)))) {
            return Optional.empty();
        }
        Optional<CacheFile> file = parse(readFully(channel, 0, (int) Math.min(size - DIGEST_BYTES, CHUNK)), key);
        return file.filter(f -> f.fileBytes() == size);
    }

    static void writeFully(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long position = at;
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    static ByteBuffer readFully(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("cache file ends at byte " + (at + bytes.position()));
            }
        }
        return bytes.flip();
    }

    /** Opens a file for reading. */
    static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    private static byte[] digest(FileChannel channel, long length) throws IOException {
        MessageDigest sha = Sha256.start();
        for (long at = 0; at < length; at += CHUNK) {
            sha.update(readFully(channel, at, (int) Math.min(CHUNK, length - at)));
        }
        return sha.digest();
    }

    private static Optional<CacheFile> parse(ByteBuffer bytes, String key) {
        byte[] magic = new byte[MAGIC.length];
        bytes.get(magic);
        int version = bytes.getInt();
        byte[] keyBytes = new byte[KEY_BYTES];
        bytes.get(keyBytes);
        long examples = bytes.getLong();
        int count = bytes.getInt();
        if (!Arrays.equals(magic, MAGIC)
                || version != VERSION
                || !new String(keyBytes, StandardCharsets.US_ASCII).equals(key)
                || examples < 1
                || count < 1
                || count > MOST_COLUMNS) {
            return Optional.empty();
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (bytes.remaining() < 6) {
                return Optional.empty();
            }
            int role = bytes.get();
            int type = bytes.get();
            int rank = bytes.getInt();
            boolean known = role >= 0
                    && role < Column.ROLES.size()
                    && type >= 0
                    && type < Column.TYPES.size()
                    && rank >= 0
                    && rank <= MOST_DIMENSIONS
                    && bytes.remaining() >= rank * 8;
            if (!known) {
                return Optional.empty();
            }
            List<Long> shape = new ArrayList<>();
            for (int k = 0; k < rank; k++) {
                shape.add(bytes.getLong());
            }
            columns.add(new Column(Column.ROLES.get(role), Column.TYPES.get(type), shape));
        }
        return Optional.of(of(columns, examples));
    }
}
