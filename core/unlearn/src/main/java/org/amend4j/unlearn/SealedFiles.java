/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.NavigableSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.NumberedFiles;
import org.amend4j.internal.file.RegularFile;

/**
 * The encrypted checkpoints of a run, a file each: {@link SealedHeader}, then with AES-256-GCM
 *
 * <pre>
 * long    dimension
 * double  the parameters, as many, most significant byte first
 * </pre>
 *
 * and the tag of 16 bytes. Associated data are the run's fingerprint, the step and the key's id, so that a file cannot be
 * read as anything but what it was written as. Holds no keys: they are passed with each call. Not thread-safe.
 */
final class SealedFiles {
    static final int TAG_BYTES = 16;
    private static final int PREFIX_BYTES = Long.BYTES;
    /** A checkpoint with its tag must fit into an array. */
    static final int MOST_PARAMETERS = (Integer.MAX_VALUE - PREFIX_BYTES - TAG_BYTES - 64) / Double.BYTES;

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final byte[] CONTEXT = "amend4j.unlearn.SealedVault 1".getBytes(StandardCharsets.US_ASCII);
    private static final NumberedFiles NAMES = new NumberedFiles("checkpoint-", ".sealed");
    private static final Pattern LEFTOVER = Pattern.compile("\\.checkpoint-\\d{10}\\.sealed\\..*\\.tmp");
    /**
     * Small, as Java's AES-GCM is fast only once it is compiled, which takes calls rather than bytes: keeping the 11th to 30th
     * checkpoint of 8 MB took a median of 290 to 430 ms each on an overloaded machine with pieces of 256 KiB, 46 ms with
     * these. A multiple of the cipher's block.
     */
    private static final int CHUNK_BYTES = 1 << 14;

    private final Path directory;
    private final byte[] fingerprint;
    private final int dimension;
    private final SecureRandom random = new SecureRandom();

    SealedFiles(Path directory, String fingerprint, int dimension) {
        this.directory = directory;
        this.fingerprint = fingerprint.getBytes(StandardCharsets.UTF_8);
        this.dimension = dimension;
    }

    static void requireDimension(int dimension, double[] theta) {
        if (theta.length != dimension) {
            throw new IllegalArgumentException(
                    "a checkpoint of this vault must have " + dimension + " parameters, got " + theta.length);
        }
    }

    Path file(int step) {
        return directory.resolve(NAMES.name(step));
    }

    /** Steps that have a file, whatever is in it. */
    NavigableSet<Integer> list() throws IOException {
        return NAMES.list(directory);
    }

    /**
     * Refuses a folder in a checkpoint's place: what is in it could not be destroyed with the checkpoint.
     *
     * @throws IOException naming it
     */
    void requireNoFolder() throws IOException {
        for (int step : list()) {
            if (Files.isDirectory(file(step), LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(file(step) + " must be a file, and is a folder: move it away");
            }
        }
    }

    /** Writes a checkpoint and brings it to the disk; an older one of the step is replaced. */
    void write(int step, String keyId, byte[] key, double[] theta) throws IOException {
        byte[] nonce = new byte[SealedHeader.NONCE_BYTES];
        random.nextBytes(nonce);
        try (AtomicFile target = AtomicFile.create(file(step))) {
            target.write(ByteBuffer.wrap(new SealedHeader(step, keyId, nonce).bytes()));
            encrypt(cipher(Cipher.ENCRYPT_MODE, key, nonce, step, keyId), theta, target);
            target.commit();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + CIPHER, e);
        }
    }

    private static void encrypt(Cipher cipher, double[] theta, AtomicFile target)
            throws IOException, GeneralSecurityException {
        ByteBuffer plain = ByteBuffer.allocate(CHUNK_BYTES);
        ByteBuffer sealed = ByteBuffer.allocate(CHUNK_BYTES + TAG_BYTES);
        try {
            plain.putLong(theta.length);
            for (int from = 0; from < theta.length; ) {
                int count = Math.min(theta.length - from, plain.remaining() / Double.BYTES);
                plain.asDoubleBuffer().put(theta, from, count);
                plain.position(plain.position() + count * Double.BYTES).flip();
                from += count;
                sealed.clear();
                if (from < theta.length) {
                    cipher.update(plain, sealed);
                } else {
                    cipher.doFinal(plain, sealed);
                }
                target.write(sealed.flip());
                plain.clear();
            }
        } finally {
            Arrays.fill(plain.array(), (byte) 0);
        }
    }

    /**
     * The header of a step's file.
     *
     * @throws IOException if there is none, it is damaged, or of another step
     */
    SealedHeader header(int step) throws IOException {
        try (FileChannel channel = open(step)) {
            return header(channel, step);
        }
    }

    private FileChannel open(int step) throws IOException {
        try {
            return FileChannel.open(RegularFile.of(file(step)), StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no checkpoint of step " + step + " in " + directory, e);
        }
    }

    private SealedHeader header(FileChannel channel, int step) throws IOException {
        String file = file(step).toString();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), SealedHeader.BYTES));
        fill(channel, bytes);
        SealedHeader header = SealedHeader.parse(bytes.array(), file);
        if (header.step() != step) {
            throw new IOException(file + " holds the checkpoint of step " + header.step());
        }
        long expected = SealedHeader.BYTES + PREFIX_BYTES + (long) dimension * Double.BYTES + TAG_BYTES;
        if (channel.size() != expected) {
            throw new IOException(
                    file + " is damaged: it has " + channel.size() + " bytes where " + expected + " belong");
        }
        return header;
    }

    /**
     * The parameters' bytes of a step.
     *
     * @param keyId of the key, as the header has to say
     * @return 8 bytes each behind {@link #parametersBegin}; the caller overwrites them after use
     * @throws IOException if they are not what was written for this run, step and key
     */
    byte[] read(int step, String keyId, byte[] key) throws IOException {
        byte[] sealed;
        SealedHeader header;
        try (FileChannel channel = open(step)) {
            header = header(channel, step);
            sealed = new byte[PREFIX_BYTES + dimension * Double.BYTES + TAG_BYTES];
            fill(channel, ByteBuffer.wrap(sealed));
        }
        try {
            byte[] plain = cipher(Cipher.DECRYPT_MODE, key, header.nonce(), step, keyId)
                    .doFinal(sealed);
            if (ByteBuffer.wrap(plain).getLong() != dimension) {
                throw new IOException(file(step) + " holds another number of parameters than " + dimension);
            }
            return plain;
        } catch (GeneralSecurityException e) {
            throw new IOException(file(step) + " is damaged or not of this run and step: it does not authenticate", e);
        }
    }

    /** Where the parameters begin in what {@link #read} returns. */
    static int parametersBegin() {
        return PREFIX_BYTES;
    }

    private void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("a file in " + directory + " became shorter while it was read");
            }
        }
    }

    private Cipher cipher(int mode, byte[] key, byte[] nonce, int step, String keyId) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(Byte.SIZE * TAG_BYTES, nonce));
        ByteBuffer associated =
                ByteBuffer.allocate(CONTEXT.length + 2 * Integer.BYTES + fingerprint.length + SealedHeader.ID_BYTES);
        associated.put(CONTEXT).putInt(fingerprint.length).put(fingerprint).putInt(step);
        associated.put(HexFormat.of().parseHex(keyId));
        cipher.updateAAD(associated.flip());
        return cipher;
    }

    /** Removes the files of some steps, on disk too; those that are not there are passed over. */
    void delete(Collection<Integer> steps) throws IOException {
        boolean changed = false;
        for (int step : steps) {
            changed |= Files.deleteIfExists(file(step));
        }
        if (changed) {
            AtomicFile.forceDirectory(directory);
        }
    }

    /** Removes what killed writers left. */
    void removeLeftovers() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file : (Iterable<Path>) entries::iterator) {
                if (LEFTOVER.matcher(String.valueOf(file.getFileName())).matches()) {
                    Files.delete(file);
                }
            }
        }
    }
}
