/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.amend4j.file.LockedException;
import org.jspecify.annotations.Nullable;

/**
 * Reserves something in a directory for one writer. The system releases the lock when the process ends, however it ends;
 * the lock file stays.
 */
public final class WriterLock implements Closeable {

    /**
     * Lock files held by this process. POSIX locks do not keep a process from itself, and closing any channel of a file
     * lets go of them all, so that the file must not even be opened a second time.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private WriterLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @param directory must exist
     * @param name of the lock file in it
     * @param what is held, for messages, such as "the run"
     * @throws LockedException if another writer has it
     * @throws IOException if there can be no lock file
     */
    public static WriterLock of(Path directory, String name, String what) throws IOException {
        Path file = directory.toRealPath().resolve(name);
        synchronized (HELD) {
            if (!HELD.add(file)) {
                throw new LockedException(what + " in " + directory + " is open elsewhere in this process");
            }
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new LockedException(what + " in " + directory + " is open in another process");
            }
            return new WriterLock(file, channel);
        } catch (OverlappingFileLockException e) {
            letGo(file, channel);
            throw new LockedException(what + " in " + directory + " is open elsewhere in this process", e);
        } catch (IOException | RuntimeException e) {
            letGo(file, channel);
            throw e;
        }
    }

    private static void letGo(Path file, @Nullable FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            synchronized (HELD) {
                HELD.remove(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        letGo(file, channel);
    }
}
