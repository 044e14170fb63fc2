package org.amend4j.file;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A file that appears under its name complete or not at all: written under a temporary name in the same directory, forced
 * to disk, renamed. Closing before {@link #commit} removes the temporary file and leaves an older file as it was. A crash
 * can leave a hidden file ending in {@code .tmp} behind, which no reader looks at.
 */
public final class AtomicFile implements Closeable {
    private static final Logger LOG = LogManager.getLogger(AtomicFile.class);
    private static final int BUFFER = 1 << 16;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final OutputStream stream;
    private boolean committed;

    private AtomicFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    }

    /**
     * Begins to write the file.
     *
     * @param target its final path; the directory must exist
     */
    public static AtomicFile create(Path target) throws IOException {
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        return new AtomicFile(
                target,
                temporary,
                FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    /** Where the content goes. */
    public OutputStream stream() {
        return stream;
    }

    /** Brings everything written so far to the disk; what is left for {@link #commit} is the rename. */
    public void force() throws IOException {
        stream.flush();
        channel.force(true);
    }

    /** Forces the content and gives the file its name. */
    public void commit() throws IOException {
        force();
        channel.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        committed = true;
        forceDirectory();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(temporary);
        }
    }

    private void forceDirectory() {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Not every system lets a directory be opened; there the rename reaches the disk in its own time.
            LOG.debug("cannot force the directory {}", directory, e);
        }
    }
}
