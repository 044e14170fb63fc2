/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.internal.file.AtomicFile;

/**
 * Results as {@link AtomicFile}s, for something that writes under a name: with the folders above them, gone again if the process
 * is stopped.
 */
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
                AtomicFile.publish(temporary, whole);
                made.keep();
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
