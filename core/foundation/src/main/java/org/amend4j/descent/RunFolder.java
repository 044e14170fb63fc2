/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.WriterLock;

/**
 * The files of one run and the order in which they change: records are on disk before the checkpoint that needs them has
 * its name. Not thread-safe.
 */
final class RunFolder implements Closeable {
    private static final String LOCK = "run.lock";
    private static final Pattern LEFTOVER = Pattern.compile("\\.(steps\\.log|checkpoint-\\d{10}\\.ckpt)\\..*\\.tmp");

    private final WriterLock lock;
    private final StepJournal journal;
    private final CheckpointFiles files;
    private final NavigableSet<Integer> safe;
    /** Records in the journal, safe or not. */
    private int records;

    private RunFolder(WriterLock lock, StepJournal journal, CheckpointFiles files, NavigableSet<Integer> safe) {
        this.lock = lock;
        this.journal = journal;
        this.files = files;
        this.safe = safe;
        this.records = safe.isEmpty() ? 0 : safe.last();
    }

    /**
     * Opens the run of a directory or begins one.
     *
     * @throws IOException if another writer has it, it is of another run, or what resuming needs is damaged
     */
    static RunFolder open(Path directory, RunIdentity run) throws IOException {
        boolean fresh = !Files.isDirectory(directory);
        Files.createDirectories(directory);
        WriterLock lock = WriterLock.of(directory, LOCK, "the run");
        try {
            if (fresh) {
                forceParent(directory);
            }
            return open(lock, directory, run);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static RunFolder open(WriterLock lock, Path directory, RunIdentity run) throws IOException {
        CheckpointFiles files = new CheckpointFiles(directory, run);
        NavigableSet<Integer> safe = CheckpointFiles.list(directory);
        if (!Files.exists(directory.resolve(StepJournal.NAME))) {
            if (!safe.isEmpty()) {
                throw new IOException(directory + " holds checkpoints but no " + StepJournal.NAME);
            }
            StepJournal.create(directory, run);
        }
        StepJournal journal = StepJournal.open(directory, run);
        try {
            int last = safe.isEmpty() ? 0 : safe.last();
            journal.read(last);
            if (!safe.isEmpty()) {
                files.read(last);
            }
            // Nothing was changed up to here, and nothing below is needed by a checkpoint.
            removeLeftovers(directory);
            journal.cutTo(last);
            return new RunFolder(lock, journal, files, safe);
        } catch (IOException | RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static void forceParent(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            AtomicFile.forceDirectory(parent);
        }
    }

    private static void removeLeftovers(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file : (Iterable<Path>) entries::iterator) {
                if (LEFTOVER.matcher(String.valueOf(file.getFileName())).matches()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Brings records and then the checkpoint to the disk. */
    void keep(ByteBuffer newRecords, Checkpoint checkpoint) throws IOException {
        if (newRecords.hasRemaining()) {
            int count = newRecords.remaining() / StepJournal.RECORD_BYTES;
            journal.write(records, newRecords);
            journal.force();
            records += count;
        }
        files.write(checkpoint);
        safe.add(checkpoint.step());
    }

    NavigableSet<Integer> safe() {
        return new TreeSet<>(safe);
    }

    Checkpoint read(int step) throws IOException {
        if (!safe.contains(step)) {
            throw new IOException("there is no safe checkpoint of step " + step);
        }
        return files.read(step);
    }

    List<StepRecord> records(int step) throws IOException {
        int last = safe.isEmpty() ? 0 : safe.last();
        if (step < 0 || step > last) {
            throw new IOException("records are safe up to step " + last + ", asked for those before step " + step);
        }
        return List.copyOf(journal.read(step));
    }

    void discard(int step) throws IOException {
        files.delete(step);
        safe.remove(step);
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            journal.close();
        }
    }
}
