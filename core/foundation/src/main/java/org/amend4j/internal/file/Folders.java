/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole folders: created completely or not at all, forced to disk, deleted. */
public final class Folders {

    private Folders() {}

    /**
     * Gives a finished folder its name, after all of it has been forced to disk. A reader finds everything in it or no folder.
     *
     * @param finished where it was written; in the same folder as the name, and no longer there afterwards
     * @param name not there yet, or an empty folder where the system replaces those
     */
    public static void publish(Path finished, Path name) throws IOException {
        force(finished);
        Files.move(finished, name, StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.forceParent(name);
    }

    /** Brings a folder's files and names to the disk. Links are names, and not followed. */
    public static void force(Path folder) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                AtomicFile.forceDirectory(path);
            } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                forceFile(path);
            }
        }
    }

    private static void forceFile(Path file) throws IOException {
        try (FileChannel channel = open(file)) {
            channel.force(true);
        }
    }

    /** A file that is not to be written can be forced all the same. */
    private static FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.WRITE);
        } catch (AccessDeniedException readOnly) {
            return FileChannel.open(file, StandardOpenOption.READ);
        }
    }

    /** Deletes a folder and what is in it, if it exists. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            for (Path path : deepestFirst(folder)) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Deletes everything in a folder but one of its files, on the disk too. */
    public static void deleteAllBut(Path folder, String kept) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (!path.equals(folder) && !path.equals(folder.resolve(kept))) {
                Files.delete(path);
            }
        }
        AtomicFile.forceDirectory(folder);
    }

    private static List<Path> deepestFirst(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException changing) {
            throw changing.getCause();
        }
    }
}
