/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableSet;
import java.util.zip.CRC32C;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.NumberedFiles;

/**
 * The checkpoints of a run, a file each: the start of {@link RunIdentity}, then
 *
 * <pre>
 * int     step
 * double  previous step size
 * double  the parameters, as many as the start says
 * int     CRC32C of the whole file before it
 * </pre>
 *
 * Doubles keep their bits. CRC32C guards against accidents and costs at most a tenth of SHA-256, as processors have an
 * instruction for it. To prove a checkpoint to others, sign it elsewhere.
 *
 * <p>Content goes through one direct buffer that is kept. Not thread-safe.
 */
final class CheckpointFiles {
    static final String MAGIC = "A4JCHECK";
    private static final NumberedFiles NAMES = new NumberedFiles("checkpoint-", ".ckpt");
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int FIELD_BYTES = Integer.BYTES + Double.BYTES;

    private final Path directory;
    private final RunIdentity run;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    CheckpointFiles(Path directory, RunIdentity run) {
        this.directory = directory;
        this.run = run;
    }

    /** The file of a step. */
    static String name(int step) {
        return NAMES.name(step);
    }

    /** Steps that have a file. */
    static NavigableSet<Integer> list(Path directory) throws IOException {
        return NAMES.list(directory);
    }

    /** Writes one and brings it to the disk; an older one of the step is replaced. */
    void write(Checkpoint checkpoint) throws IOException {
        try (AtomicFile target = AtomicFile.create(directory.resolve(name(checkpoint.step())))) {
            CRC32C crc = new CRC32C();
            buffer.clear().put(run.start(MAGIC));
            buffer.putInt(checkpoint.step()).putDouble(checkpoint.previousStepSize());
            drain(crc, target);
            double[] theta = checkpoint.theta();
            for (int from = 0; from < theta.length; from += BUFFER_BYTES / Double.BYTES) {
                int count = Math.min(theta.length - from, BUFFER_BYTES / Double.BYTES);
                buffer.clear().asDoubleBuffer().put(theta, from, count);
                buffer.position(count * Double.BYTES);
                drain(crc, target);
            }
            target.write(buffer.clear().putInt((int) crc.getValue()).flip());
            target.commit();
        }
    }

    private void drain(CRC32C crc, AtomicFile target) throws IOException {
        crc.update(buffer.flip());
        target.write(buffer.rewind());
    }

    /**
     * Reads one.
     *
     * @throws IOException if it is not there, damaged or not of this run
     */
    Checkpoint read(int step) throws IOException {
        Path file = directory.resolve(name(step));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, step, file.toString());
        } catch (NoSuchFileException e) {
            throw new IOException(file + " was removed by somebody else", e);
        }
    }

    private Checkpoint read(FileChannel channel, int step, String file) throws IOException {
        CRC32C crc = new CRC32C();
        buffer.clear().limit((int) Math.min(channel.size(), RunIdentity.LONGEST_START));
        fill(channel);
        run.require(buffer.flip(), MAGIC, file);
        requireSize(channel, file);
        // The start is known now, and with it where everything else is.
        channel.position(0);
        buffer.clear().limit(run.startBytes() + FIELD_BYTES);
        fill(channel);
        crc.update(buffer.flip());
        int itsStep = buffer.getInt(run.startBytes());
        double previousStepSize = buffer.getDouble(run.startBytes() + Integer.BYTES);
        double[] theta = theta(channel, crc);
        buffer.clear().limit(Integer.BYTES);
        fill(channel);
        if (buffer.getInt(0) != (int) crc.getValue()) {
            throw new IOException(file + " is damaged: its checksum does not agree");
        }
        if (itsStep != step) {
            throw new IOException(file + " holds the checkpoint of step " + itsStep);
        }
        return new Checkpoint(step, theta, previousStepSize);
    }

    private double[] theta(FileChannel channel, CRC32C crc) throws IOException {
        double[] theta = new double[run.dimension()];
        for (int from = 0; from < theta.length; from += BUFFER_BYTES / Double.BYTES) {
            int count = Math.min(theta.length - from, BUFFER_BYTES / Double.BYTES);
            buffer.clear().limit(count * Double.BYTES);
            fill(channel);
            buffer.flip().asDoubleBuffer().get(theta, from, count);
            crc.update(buffer);
        }
        return theta;
    }

    private void requireSize(FileChannel channel, String file) throws IOException {
        long expected = run.startBytes() + FIELD_BYTES + (long) run.dimension() * Double.BYTES + Integer.BYTES;
        if (channel.size() != expected) {
            throw new IOException(
                    file + " is damaged: it has " + channel.size() + " bytes where " + expected + " belong");
        }
    }

    /** Fills the buffer up to its limit. */
    private void fill(FileChannel channel) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("a file in " + directory + " became shorter while it was read");
            }
        }
    }

    /** Removes one, on disk too; does nothing if it is not there. */
    void delete(int step) throws IOException {
        if (Files.deleteIfExists(directory.resolve(name(step)))) {
            AtomicFile.forceDirectory(directory);
        }
    }
}
