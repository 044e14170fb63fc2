/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.amend4j.internal.file.DiskThread;
import org.amend4j.safetensors.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A trajectory in a directory, which survives a crash of the process or the machine at any moment.
 *
 * <p>{@code steps.log} holds the step records ({@link StepJournal}), {@code checkpoint-0000000123.ckpt} θ_123
 * ({@link CheckpointFiles}), and {@code run.lock} keeps a second writer out. A checkpoint gets its name when its content
 * and the records of all steps before it are on disk; it is safe from then on. Records after the last checkpoint were
 * never safe, and are cut off on opening.
 *
 * <p><b>Damage.</b> Every file and record carries a CRC32C. Opening reads what resuming needs, the last checkpoint and all
 * records before it, and refuses a run in which any of that is damaged, naming the file, with nothing changed: a rename is
 * never half done, so this is a failing disk or outside interference, and silently resuming from an older checkpoint would
 * hide it. To resume from an older one, move the damaged checkpoint away. Earlier checkpoints are checked when they are
 * read.
 *
 * <p><b>Threads.</b> One thread of the store does all its file work. {@link #keep} returns while it writes, and waits only if
 * another checkpoint waits to be written already. Everything else waits until earlier checkpoints are written. Interrupting
 * a caller neither ends its wait nor damages a file.
 *
 * <p><b>Errors.</b> When the disk fails in the background, the next {@code append}, {@code keep} or {@code discard} and
 * {@code close} throw, and nothing more is written; what was safe stays safe and can still be read. Records are held in
 * memory until the next checkpoint, {@value StepJournal#RECORD_BYTES} bytes each.
 */
public final class FileTrajectoryStore implements TrajectoryStore {
    private static final int FIRST_RECORDS = 64;

    private final Path directory;
    private final RunIdentity run;
    private final DiskThread disk;
    private final RunFolder folder;
    private ByteBuffer pending = roomFor(FIRST_RECORDS);
    private int nextStep;
    private boolean closed;

    private FileTrajectoryStore(Path directory, RunIdentity run, DiskThread disk, RunFolder folder, int nextStep) {
        this.directory = directory;
        this.run = run;
        this.disk = disk;
        this.folder = folder;
        this.nextStep = nextStep;
    }

    /**
     * Opens the run of a directory, or begins one where there is none; leftovers of a crash are removed.
     *
     * @param runFingerprint of everything that determines the run (objective, data, start, step rule): files with another
     *     one are refused; 1 to 512 bytes of UTF-8
     * @param dimension number of parameters
     * @throws IOException in one sentence, if the directory holds another run or a newer format, is damaged, has another
     *     writer, or cannot be read or written; no file of the run is changed then
     * @throws IllegalArgumentException if fingerprint or dimension are out of range
     */
    public static FileTrajectoryStore open(Path directory, String runFingerprint, int dimension) throws IOException {
        RunIdentity run = new RunIdentity(runFingerprint, dimension);
        DiskThread disk = new DiskThread("trajectory " + directory.getFileName());
        try {
            RunFolder folder = disk.call(() -> RunFolder.open(directory, run));
            NavigableSet<Integer> safe = disk.call(folder::safe);
            return new FileTrajectoryStore(directory, run, disk, folder, safe.isEmpty() ? 0 : safe.last());
        } catch (FileSystemException e) {
            disk.end();
            throw new IOException("cannot open the run in " + directory + ": " + reason(e), e);
        } catch (IOException | RuntimeException e) {
            disk.end();
            throw e;
        }
    }

    @Override
    public Optional<Checkpoint> latest() throws IOException {
        return disk.call(() -> {
            NavigableSet<Integer> safe = folder.safe();
            return safe.isEmpty() ? Optional.empty() : Optional.of(folder.read(safe.last()));
        });
    }

    @Override
    public NavigableSet<Integer> checkpoints() throws IOException {
        return disk.call(folder::safe);
    }

    @Override
    public Checkpoint read(int step) throws IOException {
        return disk.call(() -> folder.read(step));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException if no checkpoint makes them safe, or they are damaged
     */
    @Override
    public List<StepRecord> records(int step) throws IOException {
        return disk.call(() -> folder.records(step));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if it is not the record of the next step
     */
    @Override
    public synchronized void append(StepRecord record) throws IOException {
        requireWritable();
        if (record.step() != nextStep) {
            throw new IllegalArgumentException(
                    "records come in order: step " + nextStep + " is next, got step " + record.step());
        }
        if (pending.remaining() < StepJournal.RECORD_BYTES) {
            pending = roomFor(2 * pending.capacity() / StepJournal.RECORD_BYTES).put(pending.flip());
        }
        StepJournal.encode(record, pending);
        nextStep++;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if it has another number of parameters than the run, or records of steps before it
     *     are missing
     */
    @Override
    public synchronized void keep(Checkpoint checkpoint) throws IOException {
        requireWritable();
        if (checkpoint.theta().length != run.dimension()) {
            throw new IllegalArgumentException("a checkpoint of this run has " + run.dimension() + " parameters, got "
                    + checkpoint.theta().length + " (step " + checkpoint.step() + ")");
        }
        if (checkpoint.step() > nextStep) {
            throw new IllegalArgumentException("a checkpoint needs the records of all steps before it: step " + nextStep
                    + " has none, got a checkpoint of step " + checkpoint.step());
        }
        ByteBuffer kept = pending.flip();
        pending = roomFor(FIRST_RECORDS);
        disk.change(() -> folder.keep(kept, checkpoint));
    }

    /**
     * Removes a checkpoint; when this returns, its name is gone from the disk. Does nothing if there is none, so that it can
     * be repeated after a crash. The bytes are not overwritten, which would prove nothing on flash or copying file systems:
     * what must be unreadable must be encrypted below. Records stay, except that the next opening cuts off those behind the
     * last checkpoint left.
     *
     * @throws IOException if it cannot be removed
     */
    public synchronized void discard(int step) throws IOException {
        requireWritable();
        disk.change(() -> folder.discard(step));
        disk.await(() -> {});
        requireWritable();
    }

    /**
     * Waits until everything kept is safe, and closes. Records behind the last checkpoint are dropped.
     *
     * @throws IOException if something kept is not safe
     */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            disk.await(folder::close);
        } finally {
            disk.end();
        }
        requireNoFailure();
    }

    private void requireWritable() throws IOException {
        if (closed) {
            throw new IllegalStateException("the store of " + directory + " is closed");
        }
        requireNoFailure();
    }

    private void requireNoFailure() throws IOException {
        Throwable failure = disk.failure();
        if (failure != null) {
            // A new exception each time: one that is thrown by keep and again by close could not suppress itself.
            throw new IOException(
                    "the run in " + directory + " cannot be written any more: " + reason(failure), failure);
        }
    }

    private static String reason(Throwable failure) {
        if (failure instanceof FileSystemException e) {
            String why = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            return Printable.line(e.getFile() + ": " + why);
        }
        @Nullable String message = failure.getMessage();
        return Printable.line(message == null ? failure.getClass().getSimpleName() : message);
    }

    private static ByteBuffer roomFor(int count) {
        return ByteBuffer.allocate(count * StepJournal.RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
