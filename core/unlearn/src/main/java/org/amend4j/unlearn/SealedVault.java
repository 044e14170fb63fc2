/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.WriterLock;
import org.amend4j.internal.validation.Checks;
import org.amend4j.keys.KeyRing;

/**
 * Checkpoints in a directory, each an encrypted file under its own data key. The keys are in a {@link KeyRing} next to the files, under a
 * key-encryption key that is kept elsewhere. A checkpoint is destroyed by destroying its key: copies of its file, made at whatever time,
 * cannot be read any more.
 *
 * <p><b>Order of writes.</b> A checkpoint: its new key, its file, the end of an older key of the step. Destruction: the
 * keys, then the files. Each is on disk before the next. So after a kill at any moment, every checkpoint that was safe is readable, and
 * every one that was reported destroyed is unreadable. Opening removes what a kill can leave: files without a key and keys without a file.
 * A damaged file is neither; it and the keys of its step stay until the step is stored again or destroyed.
 *
 * <p><b>What destruction does not reach</b>, besides what {@link KeyRing} says of old copies of the ring: a restored ring
 * of an earlier time, together with restored files, is a valid vault of that time. Parameters that were in use can survive
 * in the memory of the process, as Java moves arrays without overwriting them, and in swap space and dumps. And whatever
 * was copied out of the vault in the clear is outside of it.
 *
 * <p>One writer at a time, across processes. Not thread-safe.
 */
public final class SealedVault implements CheckpointVault {
    static final String RING = "keys.ring";
    private static final String LOCK = "vault.lock";
    private static final int LONGEST_FINGERPRINT = 512;

    private final Path directory;
    private final int dimension;
    private final WriterLock lock;
    private final KeyRing ring;
    private final SealedFiles files;
    private final NavigableSet<Integer> steps = new TreeSet<>();
    private boolean closed;

    private SealedVault(Path directory, int dimension, WriterLock lock, KeyRing ring, SealedFiles files) {
        this.directory = directory;
        this.dimension = dimension;
        this.lock = lock;
        this.ring = ring;
        this.files = files;
    }

    /**
     * Opens the vault of a directory or makes one.
     *
     * @param directory made if it is not there, but not its parent
     * @param runFingerprint of everything that determines the run; 1 to 512 bytes of UTF-8
     * @param dimension number of parameters, in [1, 2^28 - 12]
     * @param kek the key-encryption key, 32 bytes, such as from {@link org.amend4j.keys.KeyFile}; copied
     * @throws IOException if it is open elsewhere, of another key, run or dimension, has lost its keys, or its ring is
     *     damaged
     */
    public static SealedVault open(Path directory, String runFingerprint, int dimension, byte[] kek)
            throws IOException {
        Checks.inRange(1, SealedFiles.MOST_PARAMETERS, "the dimension of a vault", dimension);
        int length = runFingerprint.getBytes(StandardCharsets.UTF_8).length;
        Checks.inRange(1, LONGEST_FINGERPRINT, "the length of a run's fingerprint in UTF-8", length);
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null) {
                AtomicFile.forceDirectory(parent);
            }
        }
        WriterLock lock = WriterLock.of(directory, LOCK, "the vault");
        try {
            SealedFiles files = new SealedFiles(directory, runFingerprint, dimension);
            KeyRing ring = ring(directory, files, purpose(runFingerprint, dimension), kek);
            SealedVault vault = new SealedVault(directory, dimension, lock, ring, files);
            vault.recover();
            return vault;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static KeyRing ring(Path directory, SealedFiles files, String purpose, byte[] kek) throws IOException {
        Path file = directory.resolve(RING);
        if (!Files.exists(file) && !files.list().isEmpty()) {
            throw new IOException(directory + " holds checkpoints but no " + RING);
        }
        return KeyRing.openOrCreate(file, purpose, kek);
    }

    private static String purpose(String runFingerprint, int dimension) {
        return "checkpoints of " + dimension + " parameters, run " + Sha256.hex(runFingerprint);
    }

    /** Finds the checkpoints, and removes files without a key and keys without a file. */
    private void recover() throws IOException {
        for (String keyId : ring.ids()) {
            stepOf(keyId); // or refuses, with nothing changed up to here
        }
        files.requireNoFolder();
        files.removeLeftovers();
        NavigableSet<Integer> orphans = new TreeSet<>();
        List<String> useless = new ArrayList<>(ring.ids());
        for (int step : files.list()) {
            String keyId;
            try {
                keyId = files.header(step).keyId();
            } catch (IOException damaged) {
                // Which key was its own cannot be known; reading it says what is wrong.
                useless.removeAll(keysFrom(step, step));
                continue;
            }
            if (!ring.contains(keyId)) {
                orphans.add(step);
            } else if (stepOf(keyId) != step) {
                useless.removeAll(keysFrom(step, step));
            } else {
                useless.remove(keyId);
                steps.add(step);
            }
        }
        requireStart(useless);
        files.delete(orphans);
        ring.destroy(useless);
    }

    /** Later checkpoints are not made before the start's is there; who loses its key can never train again. */
    private void requireStart(List<String> useless) throws IOException {
        for (String keyId : useless) {
            if (stepOf(keyId) == 0 && !steps.isEmpty() && !steps.contains(0)) {
                throw new IOException(
                        files.file(0) + " was lost or is another's, and retraining begins with it: put it back");
            }
        }
    }

    /** Ids of all keys of the steps in [from, to], by ascending step. */
    private List<String> keysFrom(int from, int to) throws IOException {
        record Labelled(String id, int step) {}
        List<Labelled> found = new ArrayList<>();
        for (String id : ring.ids()) {
            int step = stepOf(id);
            if (from <= step && step <= to) {
                found.add(new Labelled(id, step));
            }
        }
        found.sort(Comparator.comparingInt(Labelled::step));
        return found.stream().map(Labelled::id).toList();
    }

    /** The step a key is for, which is the key's label. */
    private int stepOf(String keyId) throws IOException {
        try {
            return Integer.parseInt(ring.label(keyId));
        } catch (NumberFormatException e) {
            throw new IOException(directory.resolve(RING) + " holds a key of no step: " + ring.label(keyId), e);
        }
    }

    @Override
    public NavigableSet<Integer> steps() throws IOException {
        requireOpen();
        return new TreeSet<>(steps);
    }

    @Override
    public double[] read(int step) throws IOException {
        byte[] plain = plaintext(step);
        double[] theta = new double[dimension];
        ByteBuffer.wrap(plain)
                .position(SealedFiles.parametersBegin())
                .asDoubleBuffer()
                .get(theta);
        Arrays.fill(plain, (byte) 0);
        return theta;
    }

    @Override
    public String sha256(int step) throws IOException {
        byte[] plain = plaintext(step);
        String digest = Plaintext.sha256(step, plain, SealedFiles.parametersBegin(), dimension * Double.BYTES);
        Arrays.fill(plain, (byte) 0);
        return digest;
    }

    private byte[] plaintext(int step) throws IOException {
        String keyId = keyId(step);
        byte[] key = ring.get(keyId);
        try {
            return files.read(step, keyId, key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public String keyId(int step) throws IOException {
        requireOpen();
        String keyId = files.header(step).keyId();
        if (!ring.contains(keyId)) {
            throw new IOException("the checkpoint of step " + step + " in " + directory + " was destroyed: its key "
                    + keyId + " is gone");
        }
        if (stepOf(keyId) != step) {
            throw new IOException(files.file(step) + " is under the key of step " + stepOf(keyId));
        }
        return keyId;
    }

    @Override
    public void keep(int step, double[] theta) throws IOException {
        requireOpen();
        Checks.atLeast(0, "the step of a checkpoint", step);
        SealedFiles.requireDimension(dimension, theta);
        String keyId = ring.create(Integer.toString(step));
        byte[] key = ring.get(keyId);
        try {
            files.write(step, keyId, key, theta);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
        steps.add(step);
        List<String> older = new ArrayList<>(keysFrom(step, step));
        older.remove(keyId);
        ring.destroy(older);
    }

    @Override
    public List<String> destroyFrom(int step) throws IOException {
        requireOpen();
        Checks.atLeast(0, "the step to destroy from", step);
        List<String> keyIds = keysFrom(step, Integer.MAX_VALUE);
        ring.destroy(keyIds);
        steps.tailSet(step, true).clear();
        files.delete(files.list().tailSet(step, true));
        return keyIds;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the vault in " + directory + " is closed");
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        lock.close();
    }
}
