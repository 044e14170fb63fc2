/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A file that appears under its name complete or not at all: written under a temporary name in the same directory, forced
 * to disk, renamed. Closing before {@link #commit} removes the temporary file and leaves an older file as it was. A crash
 * can leave a hidden file ending in {@code .tmp} behind, which no reader looks at.
 */
public final class AtomicFile implements Closeable {
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
        this.stream = new BufferedOutputStream(new Named(Channels.newOutputStream(channel)), BUFFER);
    }

    /**
     * Begins to write the file.
     *
     * @param target its final path; the directory must exist
     */
    public static AtomicFile create(Path target) throws IOException {
        return begin(target);
    }

    /**
     * Begins to write a file that only its owner can read or write, from its first byte on, where the file system knows POSIX permissions.
     * Elsewhere it is the same as {@link #create}.
     *
     * @param target its final path; the directory must exist
     */
    public static AtomicFile createPrivate(Path target) throws IOException {
        return target.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? begin(target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : begin(target);
    }

    private static AtomicFile begin(Path target, FileAttribute<?>... attributes) throws IOException {
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        Set<OpenOption> options = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        return new AtomicFile(target, temporary, FileChannel.open(temporary, options, attributes));
    }

    /**
     * Removes the temporary files that writers of this file left behind when they were killed. No writer may be at work on it.
     *
     * @param target the final path; the directory must exist
     * @return how many there were
     */
    public static int removeLeftovers(Path target) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            return 0;
        }
        String start = "." + target.getFileName() + ".";
        int removed = 0;
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file : (Iterable<Path>) entries::iterator) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(start) && name.endsWith(".tmp")) {
                    Files.delete(file);
                    removed++;
                }
            }
        }
        if (removed > 0) {
            forceDirectory(directory);
        }
        return removed;
    }

    /** Where the content goes. */
    public OutputStream stream() {
        return stream;
    }

    /** Writes what remains of a buffer behind everything written so far; from a direct buffer without another copy. */
    public void write(ByteBuffer bytes) throws IOException {
        stream.flush();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException nameless) {
            throw named(target, nameless);
        }
    }

    /** Brings everything written so far to the disk; what is left for {@link #commit} is the rename. */
    public void force() throws IOException {
        stream.flush();
        try {
            channel.force(true);
        } catch (IOException nameless) {
            throw named(target, nameless);
        }
    }

    /** Forces the content and gives the file its name. */
    public void commit() throws IOException {
        force();
        channel.close();
        rename(temporary, target);
        committed = true;
        forceParent(target);
    }

    /**
     * Gives its name to a file that something else wrote under a temporary one, after forcing it to disk; an older file of that
     * name is replaced.
     *
     * @param temporary in the target's directory; no longer there afterwards
     */
    public static void publish(Path temporary, Path target) throws IOException {
        try (FileChannel written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        rename(temporary, target);
        forceParent(target);
    }

    private static void rename(Path temporary, Path target) throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Brings a file's or folder's name to the disk. */
    static void forceParent(Path named) throws IOException {
        Path directory = named.toAbsolutePath().getParent();
        if (directory != null) {
            forceDirectory(directory);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(temporary);
        }
    }

    /** A failure of the disk with the file's name, which Java does not give if the disk is full. */
    static IOException named(Path file, IOException failure) {
        if (failure instanceof FileSystemException || failure instanceof ClosedChannelException) {
            return failure;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, failure.getMessage());
        named.initCause(failure);
        return named;
    }

    /** Names the file when it cannot be written. */
    private final class Named extends FilterOutputStream {

        Named(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException nameless) {
                throw named(target, nameless);
            }
        }
    }

    /**
     * Brings the names in a directory to the disk: files created, renamed and deleted in it. Where the system does not let
     * a directory be opened (Windows) that happens in its own time.
     *
     * @throws IOException if the disk fails
     */
    public static void forceDirectory(Path directory) throws IOException {
        FileChannel entries;
        try {
            entries = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            return;
        }
        try (entries) {
            entries.force(true);
        }
    }
}
