/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The real file system with a disk under it that can fail: it runs full after a number of bytes, refuses to force, and
 * knows what would be left after a power failure, when only forced content and forced names need to have survived.
 *
 * <p>Files must be in one directory, and opened as channels.
 */
public final class FragileDisk extends FileSystemProvider {
    private final Path real;
    private final FileSystem system = new Frame();
    private final Map<Path, Content> names = new HashMap<>();
    private final Map<Path, Content> forcedNames = new HashMap<>();
    private long bytesLeft = Long.MAX_VALUE;
    private long writes;
    private boolean forceFails;
    private Moment moment = event -> {};

    /** Called before each change of the disk, on the thread that makes it. */
    @FunctionalInterface
    public interface Moment {
        /**
         * About to change.
         *
         * @param event what is about to happen, such as {@code force steps.log}
         */
        void before(String event) throws IOException;
    }

    /** What a power failure spared. */
    public enum Spared {
        FORCED_NAMES_FORCED_BYTES,
        FORCED_NAMES_ALL_BYTES,
        ALL_NAMES_FORCED_BYTES,
        ALL_NAMES_HALF_OF_THE_NEW_BYTES,
        EVERYTHING
    }

    /** A file's content apart from its name. */
    private static final class Content {
        private byte[] forced = new byte[0];
        private byte[] written = new byte[0];

        byte[] after(Spared spared) {
            return switch (spared) {
                case FORCED_NAMES_FORCED_BYTES, ALL_NAMES_FORCED_BYTES -> forced;
                case FORCED_NAMES_ALL_BYTES, EVERYTHING -> written;
                case ALL_NAMES_HALF_OF_THE_NEW_BYTES -> half();
            };
        }

        private byte[] half() {
            byte[] half = new byte[(forced.length + written.length) / 2];
            for (int i = 0; i < half.length; i++) {
                half[i] = i < written.length ? written[i] : 0;
            }
            return half;
        }
    }

    /** @param real the directory on the real disk */
    public FragileDisk(Path real) {
        this.real = real;
    }

    /** The directory, on this disk. */
    public Path root() {
        return new Fragile(real);
    }

    /** From now on, writing ends after so many bytes. */
    public synchronized void fullAfter(long bytes) {
        bytesLeft = bytes;
    }

    /** From now on, nothing can be forced. */
    public synchronized void failForces() {
        forceFails = true;
    }

    /** Bytes written so far. */
    public synchronized long written() {
        return writes;
    }

    /** Watches. */
    public void watch(Moment watcher) {
        moment = watcher;
    }

    /** Leaves in a directory what a power failure now would leave. */
    public synchronized void afterPowerFailure(Spared spared, Path to) throws IOException {
        Files.createDirectories(to);
        boolean forced = spared == Spared.FORCED_NAMES_FORCED_BYTES || spared == Spared.FORCED_NAMES_ALL_BYTES;
        for (Map.Entry<Path, Content> file : (forced ? forcedNames : names).entrySet()) {
            Files.write(
                    to.resolve(file.getKey().getFileName().toString()),
                    file.getValue().after(spared));
        }
    }

    private static Path real(Path path) {
        return ((Fragile) path).path;
    }

    private void about(String what, Path path) throws IOException {
        moment.before(what + " " + path.getFileName());
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path file = real(path);
        if (options.contains(StandardOpenOption.WRITE) && !Files.exists(file)) {
            about("create", file);
        }
        FileChannel channel = FileChannel.open(file, options, attributes);
        synchronized (this) {
            Content content = Files.isDirectory(file) ? null : names.computeIfAbsent(file, f -> new Content());
            return new FragileChannel(channel, file, content);
        }
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        if (Files.exists(real(path))) {
            about("delete", real(path));
        }
        Files.delete(real(path));
        synchronized (this) {
            names.remove(real(path));
        }
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        about("rename to", real(target));
        Files.move(real(source), real(target), options);
        synchronized (this) {
            names.put(real(target), names.remove(real(source)));
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(real(directory))) {
            files.forEach(file -> entries.add(new Fragile(file)));
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return entries.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        Files.createDirectory(real(directory), attributes);
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real(path).getFileSystem().provider().checkAccess(real(path), modes);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return Files.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return Files.readAttributes(real(path), attributes, options);
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return Files.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return Files.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return Files.getFileStore(real(path));
    }

    @Override
    public String getScheme() {
        return "fragile";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    /** A channel to the real file that asks the disk first. */
    private final class FragileChannel extends FileChannel {
        private final FileChannel channel;
        private final Path file;
        private final Content content;

        /** @param content null for a directory */
        FragileChannel(FileChannel channel, Path file, Content content) {
            this.channel = channel;
            this.file = file;
            this.content = content;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            about("write", file);
            synchronized (FragileDisk.this) {
                if (bytesLeft == 0 && source.hasRemaining()) {
                    throw new FileSystemException(file.toString(), null, "No space left on device");
                }
                int count = (int) Math.min(bytesLeft, source.remaining());
                int limit = source.limit();
                int written = channel.write(source.limit(source.position() + count), position);
                source.limit(limit);
                bytesLeft -= bytesLeft == Long.MAX_VALUE ? 0 : written;
                writes += written;
                content.written = Files.readAllBytes(file);
                return written;
            }
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int written = write(source, channel.position());
            channel.position(channel.position() + written);
            return written;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            about("force", file);
            synchronized (FragileDisk.this) {
                if (forceFails) {
                    throw new FileSystemException(file.toString(), null, "Input/output error");
                }
                channel.force(metaData);
                if (content == null) {
                    forcedNames.clear();
                    forcedNames.putAll(names);
                } else {
                    content.forced = content.written;
                }
            }
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            about("truncate", file);
            synchronized (FragileDisk.this) {
                channel.truncate(size);
                content.written = Files.readAllBytes(file);
            }
            return this;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            channel.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return channel.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }

    /** A path of the real file system that belongs to this one. */
    private final class Fragile implements Path {
        private final Path path;

        Fragile(Path path) {
            this.path = path;
        }

        private Path of(Path other) {
            return other == null ? null : new Fragile(other);
        }

        @Override
        public FileSystem getFileSystem() {
            return system;
        }

        @Override
        public boolean isAbsolute() {
            return path.isAbsolute();
        }

        @Override
        public Path getRoot() {
            return of(path.getRoot());
        }

        @Override
        public Path getFileName() {
            return of(path.getFileName());
        }

        @Override
        public Path getParent() {
            return of(path.getParent());
        }

        @Override
        public int getNameCount() {
            return path.getNameCount();
        }

        @Override
        public Path getName(int index) {
            return of(path.getName(index));
        }

        @Override
        public Path subpath(int begin, int end) {
            return of(path.subpath(begin, end));
        }

        @Override
        public boolean startsWith(Path other) {
            return path.startsWith(real(other));
        }

        @Override
        public boolean endsWith(Path other) {
            return path.endsWith(real(other));
        }

        @Override
        public Path normalize() {
            return of(path.normalize());
        }

        @Override
        public Path resolve(Path other) {
            return of(path.resolve(real(other)));
        }

        @Override
        public Path resolve(String other) {
            return of(path.resolve(other));
        }

        @Override
        public Path resolveSibling(String other) {
            return of(path.resolveSibling(other));
        }

        @Override
        public Path relativize(Path other) {
            return of(path.relativize(real(other)));
        }

        @Override
        public URI toUri() {
            return path.toUri();
        }

        @Override
        public Path toAbsolutePath() {
            return of(path.toAbsolutePath());
        }

        @Override
        public Path toRealPath(LinkOption... options) throws IOException {
            return of(path.toRealPath(options));
        }

        @Override
        public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Path other) {
            return path.compareTo(real(other));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Fragile fragile && fragile.path.equals(path);
        }

        @Override
        public int hashCode() {
            return path.hashCode();
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** What a path needs to know its provider. */
    private final class Frame extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return FragileDisk.this;
        }

        @Override
        public void close() {}

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return real.getFileSystem().getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return Set.of("basic");
        }

        @Override
        public Path getPath(String first, String... more) {
            return new Fragile(real.getFileSystem().getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
