/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A zip of which only named entries are read, each to its end, with the size and the checksum that the zip states. */
final class ModelZip implements AutoCloseable {

    /** An entry this small may unpack from anything; zeros alone pack a thousandfold. */
    private static final long ALWAYS_ALLOWED = 1L << 26;

    /** Trained weights hardly pack at all. */
    private static final long MOST_TIMES_PACKED = 200;

    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new HashMap<>();

    ModelZip(Path file) throws IOException {
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new IOException("it is not a zip file, or it is damaged or encrypted: " + e.getMessage(), e);
        }
        try {
            list(Files.size(file));
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private void list(long fileSize) throws IOException {
        for (ZipEntry entry : Collections.list(zip.entries())) {
            String name = entry.getName();
            if (entries.put(name, entry) != null) {
                throw new IOException("the zip has the entry '" + name + "' twice");
            }
            long packed = entry.getCompressedSize();
            long size = entry.getSize();
            if (packed < 0
                    || packed > fileSize
                    || size < 0
                    || (entry.getMethod() == ZipEntry.STORED && size != packed)) {
                throw new IOException("the zip's entry '" + name + "' has an impossible size");
            }
        }
    }

    /** Reads the content of an entry of {@code size} bytes. */
    @FunctionalInterface
    interface Reader<T> {
        T read(DataInputStream content, long size) throws IOException;
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** What {@code reader} makes of an entry, which it must read to the end. */
    <T> T read(String name, Reader<T> reader) throws IOException {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new IOException("the zip has no " + name);
        }
        long size = entry.getSize();
        if (size > ALWAYS_ALLOWED && size / MOST_TIMES_PACKED > entry.getCompressedSize()) {
            throw new IOException(name + " may unpack to at most " + MOST_TIMES_PACKED
                    + " times its size in the zip, got " + size + " bytes from " + entry.getCompressedSize());
        }
        CRC32 checksum = new CRC32();
        try (DataInputStream content =
                new DataInputStream(new CheckedInputStream(zip.getInputStream(entry), checksum))) {
            T result = reader.read(content, size);
            if (content.read() >= 0) {
                throw new IOException(name + " has more bytes than it needs");
            }
            if (checksum.getValue() != entry.getCrc()) {
                throw new IOException(name + " is damaged: its checksum is not the one the zip states");
            }
            return result;
        } catch (EOFException e) {
            throw new IOException(name + " ends too early", e);
        } catch (ZipException e) {
            throw new IOException(name + " cannot be unpacked: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
