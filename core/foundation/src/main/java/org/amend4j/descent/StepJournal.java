/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.amend4j.internal.file.AtomicFile;

/**
 * The step records of a run, one behind the other in one file: the start of {@link RunIdentity}, then for each step
 *
 * <pre>
 * int     step
 * int     evaluations
 * double  loss, gradient norm, adapter norm, step size, promised decrease, next loss
 * int     CRC32C of all that
 * </pre>
 *
 * Doubles keep their bits. Not thread-safe.
 */
final class StepJournal implements Closeable {
    static final String NAME = "steps.log";
    static final String MAGIC = "A4JSTEPS";
    static final int RECORD_BYTES = 60;
    private static final int RECORDS_AT_ONCE = 4096;

    private final Path file;
    private final FileChannel channel;
    private final long startBytes;

    private StepJournal(Path file, FileChannel channel, RunIdentity run) {
        this.file = file;
        this.channel = channel;
        this.startBytes = run.startBytes();
    }

    /** Leaves an empty journal in the directory, on disk. */
    static void create(Path directory, RunIdentity run) throws IOException {
        try (AtomicFile target = AtomicFile.create(directory.resolve(NAME))) {
            target.write(run.start(MAGIC));
            target.commit();
        }
    }

    /**
     * Opens the journal of a directory.
     *
     * @throws IOException if it is not one of this run
     */
    static StepJournal open(Path directory, RunIdentity run) throws IOException {
        Path file = directory.resolve(NAME);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            ByteBuffer start = buffer(RunIdentity.LONGEST_START);
            fill(channel, start, 0);
            run.require(start.flip(), MAGIC, file.toString());
            return new StepJournal(file, channel, run);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** One record as it is written. */
    static void encode(StepRecord record, ByteBuffer to) {
        int begin = to.position();
        to.putInt(record.step()).putInt(record.evaluations());
        to.putDouble(record.loss()).putDouble(record.gradientNorm()).putDouble(record.adapterNorm());
        to.putDouble(record.stepSize()).putDouble(record.promisedDecrease()).putDouble(record.nextLoss());
        to.putInt(crc(to, begin));
    }

    /** Writes records behind the first {@code before}. */
    void write(int before, ByteBuffer records) throws IOException {
        long position = startBytes + (long) before * RECORD_BYTES;
        while (records.hasRemaining()) {
            position += channel.write(records, position);
        }
    }

    /** Brings everything written to the disk. */
    void force() throws IOException {
        channel.force(true);
    }

    /** Removes what is behind the first {@code count} records, if anything is. */
    void cutTo(int count) throws IOException {
        long end = startBytes + (long) count * RECORD_BYTES;
        if (channel.size() > end) {
            channel.truncate(end);
            channel.force(true);
        }
    }

    /**
     * The first {@code count} records.
     *
     * @throws IOException if one is missing or damaged
     */
    List<StepRecord> read(int count) throws IOException {
        List<StepRecord> records = new ArrayList<>(Math.min(count, RECORDS_AT_ONCE));
        ByteBuffer bytes = buffer(Math.min(count, RECORDS_AT_ONCE) * RECORD_BYTES);
        while (records.size() < count) {
            bytes.clear().limit(Math.min(count - records.size(), RECORDS_AT_ONCE) * RECORD_BYTES);
            fill(channel, bytes, startBytes + (long) records.size() * RECORD_BYTES);
            bytes.flip();
            if (bytes.remaining() < RECORD_BYTES) {
                throw new IOException(
                        file + " is damaged: it holds " + records.size() + " steps, a checkpoint needs " + count);
            }
            while (bytes.remaining() >= RECORD_BYTES) {
                records.add(decode(bytes, records.size()));
            }
        }
        return records;
    }

    private StepRecord decode(ByteBuffer from, int expected) throws IOException {
        int begin = from.position();
        int step = from.getInt();
        int evaluations = from.getInt();
        StepRecord record = new StepRecord(
                step,
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                evaluations);
        int computed = crc(from, begin);
        if (from.getInt() != computed || step != expected) {
            throw new IOException(file + " is damaged: the checksum of step " + expected + " does not agree");
        }
        return record;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static int crc(ByteBuffer bytes, int begin) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().flip().position(begin));
        return (int) crc.getValue();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void fill(FileChannel channel, ByteBuffer bytes, long from) throws IOException {
        long position = from;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, position);
            if (read < 0) {
                return;
            }
            position += read;
        }
    }
}
