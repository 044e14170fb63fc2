/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.transparency.TreeHash;

/**
 * The file of {@link RecordCommitments}: a line of magic with the version, what it belongs to, the number of records, 65 bytes for
 * each, and the SHA-256 of everything before. It is read whole or refused with one sentence. It holds salts: it belongs to
 * its owner alone and must not be published.
 *
 * @param settings what the records are used for, without the records: a fingerprint
 * @param label of the run on them
 * @param commitments to the records
 */
public record RecordFile(String settings, String label, RecordCommitments commitments) {

    private static final String MAGIC = "amend4j records ";
    private static final int VERSION = 1;
    private static final int ENTRY_BYTES = 2 * Long.BYTES + TreeHash.BYTES + 1 + RecordCommitments.SALT_BYTES;
    private static final int ENTRIES_AT_ONCE = 1 << 10;
    private static final int LONGEST_TEXT = 4096;

    /** Writes the file; it is on the disk when this returns, whole or as it was. */
    public void write(Path file) throws IOException {
        AtomicFile.removeLeftovers(file); // a killed writer's hold salts that may be destroyed by now
        try (AtomicFile target = AtomicFile.createPrivate(file)) {
            MessageDigest digest = Sha256.start();
            @SuppressWarnings("resource") // the file's own, closed with it
            OutputStream out = new DigestOutputStream(target.stream(), digest);
            out.write(header());
            ByteBuffer entries = ByteBuffer.allocate(ENTRIES_AT_ONCE * ENTRY_BYTES);
            for (int k = 0; k < commitments.size(); k++) {
                commitments.put(k, entries);
                if (!entries.hasRemaining() || k == commitments.size() - 1) {
                    out.write(entries.array(), 0, entries.position());
                    entries.clear();
                }
            }
            target.stream().write(digest.digest());
            target.commit();
        }
    }

    private byte[] header() {
        byte[] magic = (MAGIC + VERSION + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] first = settings.getBytes(StandardCharsets.UTF_8);
        byte[] second = label.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(magic.length + first.length + second.length + 3 * Integer.BYTES)
                .put(magic)
                .putInt(first.length)
                .put(first)
                .putInt(second.length)
                .put(second)
                .putInt(commitments.size())
                .array();
    }

    /**
     * Reads a file.
     *
     * @throws IOException if there is none, it is damaged, or of another version
     */
    public static RecordFile read(Path file) throws IOException {
        long length = Files.size(file);
        MessageDigest digest = Sha256.start();
        try (InputStream raw = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(
                        new DigestInputStream(new java.io.BufferedInputStream(raw, 1 << 16), digest))) {
            requireMagic(file, in);
            String settings = text(file, in);
            String label = text(file, in);
            int n = in.readInt();
            if (n < 1 || (long) n * ENTRY_BYTES + TreeHash.BYTES > length) {
                throw damaged(file, "it is too short for " + n + " records");
            }
            RecordCommitments commitments = entries(file, in, n);
            byte[] expected = digest.digest();
            if (!Arrays.equals(expected, in.readNBytes(TreeHash.BYTES)) || in.read() >= 0) {
                throw damaged(file, "its digest is another");
            }
            return new RecordFile(settings, label, commitments);
        } catch (EOFException ended) {
            throw damaged(file, "it ends too soon");
        }
    }

    private static void requireMagic(Path file, DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n' && line.length() < MAGIC.length() + 10; c = in.read()) {
            line.append((char) c);
        }
        if (line.indexOf(MAGIC) != 0) {
            throw damaged(file, "it does not begin as a file of records");
        }
        String version = line.substring(MAGIC.length());
        if (!version.equals(Integer.toString(VERSION))) {
            throw new IOException(
                    file + " has version " + version.replaceAll("[^ -~]", "?") + ", this release reads " + VERSION);
        }
    }

    private static String text(Path file, DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_TEXT) {
            throw damaged(file, "a text has " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static RecordCommitments entries(Path file, DataInputStream in, int n) throws IOException {
        long[] ids = new long[n];
        long[] units = new long[n];
        byte[] leaves = new byte[Math.multiplyExact(TreeHash.BYTES, n)];
        byte[] salts = new byte[Math.multiplyExact(RecordCommitments.SALT_BYTES, n)];
        BitSet tombstones = new BitSet();
        byte[] entry = new byte[ENTRY_BYTES];
        ByteBuffer fields = ByteBuffer.wrap(entry);
        for (int k = 0; k < n; k++) {
            in.readFully(entry);
            fields.clear();
            ids[k] = fields.getLong();
            units[k] = fields.getLong();
            fields.get(leaves, k * TreeHash.BYTES, TreeHash.BYTES);
            tombstones.set(k, fields.get() != 0);
            fields.get(salts, k * RecordCommitments.SALT_BYTES, RecordCommitments.SALT_BYTES);
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
