/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.amend4j.safetensors.Printable;

/**
 * Which run a file belongs to, and the start of every file of a store that says so:
 *
 * <pre>
 * 8 bytes  magic, which kind of file
 * int      format version
 * int      number of parameters
 * int      n, bytes of the fingerprint
 * n bytes  fingerprint, UTF-8
 * int      CRC32C of all that
 * </pre>
 *
 * Everything is little-endian. Later versions keep magic and version where they are.
 *
 * @param fingerprint of everything that determines the run; 1 to {@value #LONGEST_FINGERPRINT} bytes of UTF-8
 * @param dimension number of parameters, at least 1
 */
record RunIdentity(String fingerprint, int dimension) {
    /** The newest version of the format, which is the one that is written. */
    static final int VERSION = 1;

    static final int LONGEST_FINGERPRINT = 512;
    private static final int FIXED_BYTES = 24;
    /** No start is longer. */
    static final int LONGEST_START = FIXED_BYTES + LONGEST_FINGERPRINT;

    private static final int MAGIC_BYTES = 8;

    RunIdentity {
        if (dimension < 1) {
            throw new IllegalArgumentException("the dimension of a run must be >= 1, got " + dimension);
        }
        int bytes = fingerprint.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > LONGEST_FINGERPRINT) {
            throw new IllegalArgumentException(
                    "the fingerprint of a run must have 1 to " + LONGEST_FINGERPRINT + " bytes of UTF-8, got " + bytes);
        }
    }

    /** Length of {@link #start} in bytes. */
    int startBytes() {
        return FIXED_BYTES + fingerprint.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The start of a file of this run. */
    ByteBuffer start(String magic) {
        byte[] text = fingerprint.getBytes(StandardCharsets.UTF_8);
        ByteBuffer start = ByteBuffer.allocate(startBytes()).order(ByteOrder.LITTLE_ENDIAN);
        start.put(magic.getBytes(StandardCharsets.US_ASCII));
        start.putInt(VERSION).putInt(dimension).putInt(text.length).put(text);
        start.putInt(crc(start.array(), start.position()));
        return start.flip();
    }

    /**
     * Reads a start and leaves the buffer behind it.
     *
     * @param file as messages are to call it
     * @throws IOException if it is not the start of a file of this run
     */
    void require(ByteBuffer bytes, String magic, String file) throws IOException {
        int begin = bytes.position();
        requireBytes(bytes, MAGIC_BYTES + Integer.BYTES, file);
        byte[] found = new byte[MAGIC_BYTES];
        bytes.get(found);
        if (!Arrays.equals(found, magic.getBytes(StandardCharsets.US_ASCII))) {
            throw new IOException(file + " does not begin with " + magic + " and is damaged or another file");
        }
        int version = bytes.getInt();
        if (version != VERSION) {
            throw new IOException(file + " has format version " + version + ", this release reads version " + VERSION);
        }
        requireBytes(bytes, 2 * Integer.BYTES, file);
        int itsDimension = bytes.getInt();
        int length = bytes.getInt();
        if (length < 1 || length > LONGEST_FINGERPRINT) {
            throw new IOException(file + " is damaged: its fingerprint cannot have " + length + " bytes");
        }
        requireBytes(bytes, length + Integer.BYTES, file);
        byte[] text = new byte[length];
        bytes.get(text);
        byte[] checked = new byte[bytes.position() - begin];
        bytes.get(begin, checked);
        if (bytes.getInt() != crc(checked, checked.length)) {
            throw new IOException(file + " is damaged: the checksum of its header does not agree");
        }
        requireSame(new String(text, StandardCharsets.UTF_8), itsDimension, file);
    }

    private void requireSame(String itsFingerprint, int itsDimension, String file) throws IOException {
        if (!itsFingerprint.equals(fingerprint)) {
            throw new IOException(file + " belongs to the run " + Printable.quoted(itsFingerprint) + ", not to "
                    + Printable.quoted(fingerprint));
        }
        if (itsDimension != dimension) {
            throw new IOException(file + " is of a run with " + itsDimension + " parameters, not " + dimension);
        }
    }

    private static void requireBytes(ByteBuffer bytes, int count, String file) throws IOException {
        if (bytes.remaining() < count) {
            throw new IOException(file + " is damaged: it ends within its header");
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
