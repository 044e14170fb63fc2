package org.amend4j.app.data;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.amend4j.file.AtomicFile;

/** Writes files that appear whole or not at all: under a temporary name, forced to disk, then renamed. */
public final class WholeFile {

    /** Writes the content of a file under the name it is given. */
    @FunctionalInterface
    public interface Writer {
        void write(Path temporary) throws IOException;
    }

    private WholeFile() {}

    /**
     * Writes bytes. The folder is made if it is missing; a file that is there is replaced.
     *
     * @throws IOException if it cannot be written, naming it; everything is as it was then
     */
    public static void write(Path file, byte[] content) throws IOException {
        write(file, temporary -> Files.write(temporary, content));
    }

    /** As {@link #write(Path, byte[])} for something that writes files itself. The temporary name has the same ending. */
    public static void write(Path file, Writer writer) throws IOException {
        Path whole = file.toAbsolutePath();
        Path folder = whole.getParent();
        Path name = whole.getFileName();
        if (folder == null || name == null) {
            throw new IOException("not a file name: " + file);
        }
        Path temporary = folder.resolve("." + ProcessHandle.current().pid() + "." + name);
        try (Unfinished unfinished = Unfinished.at(temporary);
                MadeFolders made = MadeFolders.downTo(folder)) {
            try {
                writer.write(temporary);
                try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                made.keep();
                AtomicFile.forceDirectory(folder);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (ClosedByInterruptException stopped) {
            throw stopped;
        } catch (IOException failed) {
            throw new IOException("cannot write " + file + ": " + Reasons.of(failed), failed);
        }
    }

    /** Number of bytes in a file, or in all files below a folder. */
    public static long bytesIn(Path path) throws IOException {
        long sum = 0;
        try (var files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }
}
