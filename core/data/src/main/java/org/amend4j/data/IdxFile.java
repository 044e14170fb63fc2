/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One file in the IDX format of the MNIST family: two zero bytes, an element type (here always 8, unsigned byte), the
 * number of dimensions, the dimensions as big-endian 32-bit integers, then exactly their product of bytes. Plain or
 * gzip'd (told by the first two bytes, not by the name).
 *
 * <p>The reader trusts nothing: it checks the header before it allocates, grows its buffer with the bytes that are
 * really there (a header cannot claim memory), and refuses missing and surplus bytes.
 */
final class IdxFile {

    private static final int UNSIGNED_BYTE = 8;
    private static final int CHUNK = 1 << 20;

    private final int[] dimensions;
    private final byte[] bytes;

    private IdxFile(int[] dimensions, byte[] bytes) {
        this.dimensions = dimensions;
        this.bytes = bytes;
    }

    /** One to three positive sizes. */
    int[] dimensions() {
        return dimensions.clone();
    }

    /** The elements in C order; not copied. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * Reads a file.
     *
     * @throws BadInputException if it is not such a file, with one sentence that names it
     */
    static IdxFile read(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            return read(file.toString(), raw);
        } catch (java.nio.file.NoSuchFileException missing) {
            throw new BadInputException("there is no file " + file, missing);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** Reads a stream that supports {@code mark}; {@code name} is for messages. */
    static IdxFile read(String name, InputStream raw) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Gunzip.of(name, raw)))) {
            int[] dimensions = header(name, in);
            long expected = 1;
            for (int dimension : dimensions) {
                expected *= dimension;
                if (expected > Integer.MAX_VALUE - 8) {
                    throw new BadInputException(name + " claims more than 2 GB: " + Arrays.toString(dimensions));
                }
            }
            byte[] bytes = body(name, in, (int) expected);
            if (in.read() >= 0) {
                throw new BadInputException(name + " continues after the " + expected + " bytes its header announces");
            }
            return new IdxFile(dimensions, bytes);
        } catch (EOFException early) {
            throw new BadInputException(name + " ends inside its header or its gzip stream", early);
        } catch (java.util.zip.ZipException broken) {
            throw new BadInputException(name + " is not a valid gzip file: " + broken.getMessage(), broken);
        }
    }

    /** While it grows, half of it is there a second time. */
    private static void requireMemory(String name, long wanted, long expected) {
        long most = Runtime.getRuntime().maxMemory() / 2;
        if (Math.min(wanted, expected) > most) {
            throw new BadInputException(String.format(
                    java.util.Locale.ROOT,
                    "%s announces %,d MB, and at most %,d MB are read with Java's memory as it is: give Java more with"
                            + " -Xmx, such as AMEND4J_JAVA_OPTS=-Xmx8g",
                    name,
                    expected >> 20,
                    most >> 20));
        }
    }

    private static int[] header(String name, DataInputStream in) throws IOException {
        int zeros = in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int rank = in.readUnsignedByte();
        if (zeros != 0 || type != UNSIGNED_BYTE || rank < 1 || rank > 3) {
            throw new BadInputException(String.format(
                    java.util.Locale.ROOT,
                    "%s is not an IDX file of bytes in 1 to 3 dimensions: it starts with %04x %02x %02x",
                    name,
                    zeros,
                    type,
                    rank));
        }
        int[] dimensions = new int[rank];
        for (int i = 0; i < rank; i++) {
            dimensions[i] = in.readInt();
            if (dimensions[i] < 1) {
                throw new BadInputException(name + ": dimension " + i + " must be from 1 to 2147483647, got "
                        + Integer.toUnsignedString(dimensions[i]));
            }
        }
        return dimensions;
    }

    private static byte[] body(String name, InputStream in, int expected) throws IOException {
        byte[] bytes = new byte[Math.min(expected, CHUNK)];
        int filled = 0;
        while (filled < expected) {
            if (filled == bytes.length) {
                requireMemory(name, 2L * bytes.length, expected);
                bytes = Arrays.copyOf(bytes, (int) Math.min(expected, 2L * bytes.length));
            }
            int read = in.readNBytes(bytes, filled, bytes.length - filled);
            if (read == 0) {
                throw new BadInputException(
                        name + " announces " + expected + " bytes after its header and holds " + filled);
            }
            filled += read;
        }
        return bytes;
    }
}
