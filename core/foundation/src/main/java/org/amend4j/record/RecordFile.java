/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.BitSet;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.keys.Seal;
import org.amend4j.transparency.TreeHash;

/**
 * The file of {@link RecordCommitments}: a line of magic with the version, and then, {@linkplain Seal sealed}, what it belongs to, the
 * number of records and 65 bytes for each. It is read whole or refused with one sentence. Without the key, it does not show which records
 * are forgotten and cannot be changed. Version 1 was not sealed and ended with its SHA-256; it is still read.
 *
 * @param settings what the records are used for, without the records: a fingerprint
 * @param label of the run on them
 * @param commitments to the records
 */
public record RecordFile(String settings, String label, RecordCommitments commitments) {

    private static final String MAGIC = "amend4j records ";
    private static final int VERSION = 2;
    private static final int PLAIN = 1;
    private static final int MAGIC_BYTES = MAGIC.length() + 2;
    private static final int ENTRY_BYTES = 2 * Long.BYTES + TreeHash.BYTES + 1 + RecordCommitments.SALT_BYTES;
    private static final int LONGEST_TEXT = 4096;

    /** What an array can hold. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    /** Writes the file; it is on the disk when this returns, whole or as it was. */
    public void write(Path file, Seal seal) throws IOException {
        AtomicFile.removeLeftovers(file); // a killed writer's hold salts that may be destroyed by now
        try (AtomicFile target = AtomicFile.createPrivate(file)) {
            target.stream().write(magic(VERSION));
            target.stream().write(seal.seal(body(), purpose()));
            target.commit();
        }
    }

    private static String purpose() {
        return MAGIC + VERSION;
    }

    private static byte[] magic(int version) {
        return (MAGIC + version + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] body() {
        byte[] first = settings.getBytes(StandardCharsets.UTF_8);
        byte[] second = label.getBytes(StandardCharsets.UTF_8);
        int entries = Math.multiplyExact(ENTRY_BYTES, commitments.size());
        ByteBuffer body = ByteBuffer.allocate(Math.addExact(first.length + second.length + 3 * Integer.BYTES, entries));
        body.putInt(first.length).put(first).putInt(second.length).put(second).putInt(commitments.size());
        for (int k = 0; k < commitments.size(); k++) {
            commitments.put(k, body);
        }
        return body.array();
    }

    /** Whether a file is sealed: those that release 0.1.0 wrote are not. */
    public static boolean isSealed(Path file) throws IOException {
        try (InputStream start = Files.newInputStream(RegularFile.of(file))) {
            return version(file, start.readNBytes(MAGIC_BYTES)) == VERSION;
        }
    }

    /**
     * Reads a file.
     *
     * @throws IOException if there is none, it is damaged, of another version, or sealed with another key
     */
    public static RecordFile read(Path file, Seal seal) throws IOException {
        byte[] bytes = Files.readAllBytes(RegularFile.of(file, LARGEST));
        byte[] body = version(file, bytes) == PLAIN ? plain(file, bytes) : opened(file, bytes, seal);
        try {
            return of(file, ByteBuffer.wrap(body));
        } catch (BufferUnderflowException ended) {
            throw damaged(file, "it ends too soon");
        }
    }

    private static int version(Path file, byte[] bytes) throws IOException {
        byte[] start = Arrays.copyOf(bytes, MAGIC_BYTES);
        for (int version = PLAIN; version <= VERSION; version++) {
            if (Arrays.equals(start, magic(version))) {
                return version;
            }
        }
        String line = new String(start, StandardCharsets.US_ASCII);
        if (!line.startsWith(MAGIC)) {
            throw damaged(file, "it does not begin as a file of records");
        }
        throw new IOException(file + " has version "
                + line.substring(MAGIC.length()).trim().replaceAll("[^ -~]", "?") + ", this release reads " + PLAIN
                + " and " + VERSION);
    }

    private static byte[] plain(Path file, byte[] bytes) throws IOException {
        int end = bytes.length - TreeHash.BYTES;
        if (end < MAGIC_BYTES
                || !Arrays.equals(Sha256.of(Arrays.copyOf(bytes, end)), Arrays.copyOfRange(bytes, end, bytes.length))) {
            throw damaged(file, "its digest is another");
        }
        return Arrays.copyOfRange(bytes, MAGIC_BYTES, end);
    }

    private static byte[] opened(Path file, byte[] bytes, Seal seal) throws IOException {
        try {
            return seal.open(Arrays.copyOfRange(bytes, MAGIC_BYTES, bytes.length), purpose());
        } catch (GeneralSecurityException other) {
            throw new IOException(file + " was changed since it was sealed, or is sealed with another key", other);
        }
    }

    private static RecordFile of(Path file, ByteBuffer body) throws IOException {
        String settings = text(file, body);
        String label = text(file, body);
        int n = body.getInt();
        if (n < 1 || (long) n * ENTRY_BYTES != body.remaining()) {
            throw damaged(file, "it has " + body.remaining() + " bytes for " + n + " records");
        }
        return new RecordFile(settings, label, entries(file, body, n));
    }

    private static String text(Path file, ByteBuffer body) throws IOException {
        int length = body.getInt();
        if (length < 0 || length > LONGEST_TEXT) {
            throw damaged(file, "a text has " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static RecordCommitments entries(Path file, ByteBuffer body, int n) throws IOException {
        long[] ids = new long[n];
        long[] units = new long[n];
        byte[] leaves = new byte[Math.multiplyExact(TreeHash.BYTES, n)];
        byte[] salts = new byte[Math.multiplyExact(RecordCommitments.SALT_BYTES, n)];
        BitSet tombstones = new BitSet();
        for (int k = 0; k < n; k++) {
            ids[k] = body.getLong();
            units[k] = body.getLong();
            body.get(leaves, k * TreeHash.BYTES, TreeHash.BYTES);
            tombstones.set(k, body.get() != 0);
            body.get(salts, k * RecordCommitments.SALT_BYTES, RecordCommitments.SALT_BYTES);
            if (k > 0 && ids[k] <= ids[k - 1]) {
                throw damaged(file, "its ids do not ascend");
            }
        }
        return new RecordCommitments(ids, units, leaves, salts, tombstones);
    }

    private static IOException damaged(Path file, String why) {
        return new IOException(file + " is damaged: " + why);
    }
}
