package org.amend4j.descent;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds a directory for one writer. The system lets go of the lock when the process ends, however it ends; the lock file
 * stays.
 */
final class RunLock implements Closeable {
    static final String NAME = "run.lock";

    /**
     * Directories held by this process. POSIX locks do not keep a process from itself, and closing any channel of a file
     * lets go of them all, so that the file must not even be opened a second time.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path directory;
    private final FileChannel channel;

    private RunLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /** @throws IOException if another writer has the directory */
    static RunLock of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        synchronized (HELD) {
            if (!HELD.add(real)) {
                throw new IOException("the run in " + directory + " is open elsewhere in this process");
            }
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    real.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException("the run in " + directory + " is open in another process");
            }
            return new RunLock(real, channel);
        } catch (OverlappingFileLockException e) {
            letGo(real, channel);
            throw new IOException("the run in " + directory + " is open elsewhere in this process", e);
        } catch (IOException | RuntimeException e) {
            letGo(real, channel);
            throw e;
        }
    }

    private static void letGo(Path real, @Nullable FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            synchronized (HELD) {
                HELD.remove(real);
            }
        }
    }

    @Override
    public void close() throws IOException {
        letGo(directory, channel);
    }
}
